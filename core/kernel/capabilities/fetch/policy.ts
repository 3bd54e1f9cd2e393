import {
  type CacheRule,
  type CircuitBreakerPolicy,
  matchesPath,
  type RequestMatch,
  type RequestsDeclaration,
  type RetryPolicy,
} from "@plugboard/plugin-sdk/manifest";
import { type Rate, rateOf } from "./pacing/index.ts";

/** What is declared of requests, with every default in its place. */
export interface RequestPolicy {
  rates: readonly Rate[];
  graphqlPaths: readonly string[];
  retries: Retries;
  circuitBreaker: Required<CircuitBreakerPolicy> | undefined;
  cache: readonly CacheRule[];
}

/** Without a key that the vendor is known to honour, no POST or PATCH is sent twice. */
export type Retries = Required<Omit<RetryPolicy, "idempotencyKey">> & Pick<RetryPolicy, "idempotencyKey">;

const defaultRetries: Retries = {
  most: 2,
  backoff: "exponential",
  delayMs: 250,
  maxDelayMs: 8_000,
  jitter: "half",
  statuses: [429, 502, 503, 504],
  failures: ["unreachable", "broken-off"],
  replies: [],
};

const defaultCircuitBreaker: Required<CircuitBreakerPolicy> = {
  failurePercent: 50,
  minRequests: 20,
  windowSeconds: 30,
  openSeconds: 15,
  statuses: [500, 502, 503, 504],
};

/** Who says something: the author in the manifest, the operator over it, and of one connection its tenant. */
export interface PolicyLayers {
  pluginId: string;
  declared?: RequestsDeclaration | undefined;
  connection?: RequestsDeclaration | undefined;
}

/** Puts the layers together, once for each set of them. */
export function createPolicies(
  operatorOf: (pluginId: string) => RequestsDeclaration | undefined,
): (layers: PolicyLayers) => RequestPolicy {
  /** What stands for saying nothing, by plugin. */
  const nothing = new Map<string, RequestsDeclaration>();
  const known = new WeakMap<RequestsDeclaration, WeakMap<RequestsDeclaration, RequestPolicy>>();
  const silent: RequestsDeclaration = {};

  function nothingOf(pluginId: string): RequestsDeclaration {
    const found = nothing.get(pluginId) ?? {};
    nothing.set(pluginId, found);
    return found;
  }

  return ({ pluginId, declared = nothingOf(pluginId), connection = silent }) => {
    const ofPlugin = known.get(declared) ?? new WeakMap<RequestsDeclaration, RequestPolicy>();
    known.set(declared, ofPlugin);
    const policy = ofPlugin.get(connection) ?? compile(declared, operatorOf(pluginId) ?? {}, connection);
    ofPlugin.set(connection, policy);
    return policy;
  };
}

function compile(
  declared: RequestsDeclaration,
  operator: RequestsDeclaration,
  connection: RequestsDeclaration,
): RequestPolicy {
  const ofPlugin = { ...declared, ...operator };
  const limits = ofPlugin.limits ?? [];
  const isOwn = ({ per = "connection" }: { per?: string }) => per === "connection";
  // A tenant speaks for its account; what it shares with others is not its to change.
  const own = connection.limits?.filter(isOwn) ?? limits.filter(isOwn);
  const breaker = [declared, operator, connection].map((layer) => layer.circuitBreaker);
  const isOff = breaker.findLast((one) => one !== undefined) === false;
  return {
    rates: [...limits.filter((limit) => !isOwn(limit)), ...own].map(rateOf),
    graphqlPaths: ofPlugin.graphql?.paths ?? [],
    retries: { ...defaultRetries, ...declared.retries, ...operator.retries, ...connection.retries },
    circuitBreaker: isOff
      ? undefined
      : { ...defaultCircuitBreaker, ...Object.assign({}, ...breaker.filter((one) => one !== false)) },
    cache: connection.cache ?? ofPlugin.cache ?? [],
  };
}

/** A request as declarations speak of it: the host as the manifest writes it. */
export interface Matched {
  declaredHost: string;
  method: string;
  url: URL;
}

export function fits(match: RequestMatch, { declaredHost, method, url }: Matched): boolean {
  return (
    (match.hosts?.includes(declaredHost) ?? true) &&
    (match.methods?.some((known) => known === method) ?? true) &&
    (match.paths?.some((pattern) => matchesPath(pattern, url.pathname)) ?? true)
  );
}

export function ratesFor({ rates }: RequestPolicy, request: Matched): Rate[] {
  return rates.filter(({ limit }) => fits(limit, request));
}
