import type {
  CacheRule,
  CircuitBreakerPolicy,
  RequestMatch,
  RequestPath,
  RequestsDeclaration,
  RetryPolicy,
} from "@plugboard/plugin-sdk/manifest";
import { LRUCache } from "lru-cache";
import { isOwn, type Rate, rateOf } from "./pacing/index.ts";

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
  connection: { id: string; requests?: RequestsDeclaration | undefined };
}

interface OwnPolicy {
  declared: RequestsDeclaration | undefined;
  /** What its tenant said, and the same as text: it comes in another object whenever the connection was read anew. */
  requests: RequestsDeclaration;
  text: string;
  policy: RequestPolicy;
}

/** Of what tenants say of their connections, in characters: a hundred of the longest, or tens of thousands of usual ones. */
const mostOwnCharacters = 16 * 1024 * 1024;
const mostPlugins = 10_000;

export interface Policies {
  /** Puts the layers together, once for each set of them. */
  of(layers: PolicyLayers): RequestPolicy;
  forget(connectionId: string): void;
}

export function createPolicies(operatorOf: (pluginId: string) => RequestsDeclaration | undefined): Policies {
  const ofDeclarations = new WeakMap<RequestsDeclaration, RequestPolicy>();
  const ofPlugins = new LRUCache<string, RequestPolicy>({ max: mostPlugins });
  const ofConnections = new LRUCache<string, OwnPolicy>({
    maxSize: mostOwnCharacters,
    sizeCalculation: ({ text }) => text.length + 100,
  });

  function ofPlugin(pluginId: string, declared: RequestsDeclaration | undefined): RequestPolicy {
    const known = declared ? ofDeclarations.get(declared) : ofPlugins.get(pluginId);
    if (known) return known;
    const policy = compile(declared ?? {}, operatorOf(pluginId) ?? {}, {});
    if (declared) ofDeclarations.set(declared, policy);
    else ofPlugins.set(pluginId, policy);
    return policy;
  }

  return {
    of({ pluginId, declared, connection: { id, requests } }) {
      if (!requests) return ofPlugin(pluginId, declared);
      const known = ofConnections.get(id);
      if (known?.declared === declared && known?.requests === requests) return known.policy;
      const text = JSON.stringify(requests);
      const isSame = known?.declared === declared && known?.text === text;
      const policy = isSame ? known.policy : compile(declared ?? {}, operatorOf(pluginId) ?? {}, requests);
      ofConnections.set(id, { declared, requests, text, policy });
      return policy;
    },
    forget: (connectionId) => void ofConnections.delete(connectionId),
  };
}

function compile(
  author: RequestsDeclaration,
  operator: RequestsDeclaration,
  connection: RequestsDeclaration,
): RequestPolicy {
  const ofPlugin = { ...author, ...operator };
  const limits = ofPlugin.limits ?? [];
  // A tenant speaks for its account; what it shares with others is not its to change.
  const written = connection.limits?.filter(isOwn).map((limit) => rateOf(limit, "written"));
  const declared = limits
    .filter((limit) => !written || !isOwn(limit))
    .map((limit) => rateOf(limit, "declared"));
  const breaker = [author, operator, connection].map((layer) => layer.circuitBreaker);
  const isOff = breaker.findLast((one) => one !== undefined) === false;
  return {
    rates: [...declared, ...(written ?? [])],
    graphqlPaths: ofPlugin.graphql?.paths ?? [],
    retries: { ...defaultRetries, ...author.retries, ...operator.retries, ...connection.retries },
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
  path: RequestPath;
}

export function fits(match: RequestMatch, { declaredHost, method, path }: Matched): boolean {
  return (
    (match.hosts?.includes(declaredHost) ?? true) &&
    (match.methods?.some((known) => known === method) ?? true) &&
    (match.paths?.some((pattern) => path.fits(pattern)) ?? true)
  );
}

export function ratesFor({ rates }: RequestPolicy, request: Matched): Rate[] {
  return rates.filter(({ limit }) => fits(limit, request));
}
