import { createHash } from "node:crypto";
import type { HookedBody } from "@plugboard/plugin-sdk";
import {
  canonicalName,
  dropAuthHeaders,
  HookAnswerRefusal,
  isGraphqlRead,
  readHookedReply,
  readHookedRequest,
  toHookedReply,
  toHookedRequest,
  withoutOwnAuth,
} from "@plugboard/plugin-sdk/exchange";
import { requestPath } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import type { Call } from "./call.ts";
import type { EgressConnection } from "./connection.ts";
import type { EgressLimits } from "./limits.ts";
import type { RequestPolicy } from "./policy.ts";
import type { CleanReply } from "./reply-cache.ts";
import type { PluginRequest } from "./types.ts";

type TransformHook = "request.before" | "response.after";

/** What the tenant's other plugins have to say in a connection's requests and replies. */
export interface Transformers {
  /** Of a body, in bytes; what is larger is not handed over. */
  readonly maxBodyBytes: number;
  /** Whether any plugin but this one listens; from memory as a rule. */
  listensTo(tenantId: string, names: readonly TransformHook[], plugin: string): boolean | Promise<boolean>;
  /**
   * Gives the value as the hooks have left it, having asked `fits`, which throws, of each answer.
   * @throws CapabilityError `fetch-hook-refused`
   */
  waterfall(
    name: TransformHook,
    occasion: { tenantId: string; plugin: string; connectionId: string; callId: string },
    value: {
      value: Json;
      told: { [field: string]: Json };
      /** Not all of it was handed over: whoever has to have seen it must say so. */
      isPartial: boolean;
      fits(value: Json): boolean;
      signal: AbortSignal;
    },
  ): Promise<Json>;
}

/** Whose request it is, and what holds for it. */
export interface Occasion {
  connection: EgressConnection;
  callId: string;
  call: Call;
  limits: EgressLimits;
  policy: RequestPolicy;
  /** By the grant. @throws CapabilityError `fetch-not-granted` */
  check: (request: PluginRequest) => string;
}

/** Has the tenant's other plugins look at a request before anything is done about it. Without any it is the very same. */
export async function transformRequest(
  transformers: Transformers,
  given: PluginRequest,
  { connection, callId, call, limits, policy, check }: Occasion,
): Promise<PluginRequest> {
  const { tenantId, pluginId: plugin, id: connectionId, auth } = connection;
  const isHeard = transformers.listensTo(tenantId, ["request.before"], plugin);
  if (!(isHeard instanceof Promise ? await isHeard : isHeard)) return given;

  const request = withoutOwnAuth(given, auth);
  const first = {
    ...toHookedRequest(request, transformers.maxBodyBytes),
    ...(request.streamed && inAFile),
  };
  const keyHeader = policy.retries.idempotencyKey?.header;
  const isFixed = (name: string) =>
    dropAuthHeaders([[name, ""]], auth).length === 0 ||
    (keyHeader !== undefined && canonicalName(name) === canonicalName(keyHeader));
  const wasRead = isGraphqlRead(request, policy.graphqlPaths);
  /** What each answer was read as, so that the one that stands need not be read again. */
  const read = new Map<Json, PluginRequest>();

  function fits(answer: Json): boolean {
    const next = readHookedRequest(answer, { request, given: first, limits, isFixed });
    const { streamed } = request;
    const changed = { ...next, path: requestPath(next.url.pathname), ...(streamed && { streamed }) };
    check(changed);
    // A write must not go out twice, nor a read become a write. The method and the key stay; a document says it itself.
    if (isGraphqlRead(changed, policy.graphqlPaths) !== wasRead)
      throw new HookAnswerRefusal("What only reads cannot become a write, nor the other way round.");
    read.set(answer, changed);
    return true;
  }

  const value = await transformers.waterfall(
    "request.before",
    { tenantId, plugin, connectionId, callId },
    { value: jsonOf(first), told: {}, isPartial: isPartial(first), fits, signal: call.signal },
  );
  call.signal.throwIfAborted();
  return read.get(value) ?? given;
}

/** Nobody is shown what goes by, and who has to have seen it is not passed over. */
const inAFile: HookedBody = { withheld: "large" };

/** Has the tenant's other plugins look at a reply before anybody else does. */
export async function transformReply(
  transformers: Transformers,
  { asked, reply, isInFile }: { asked: PluginRequest; reply: CleanReply; isInFile: boolean },
  { connection, callId, call, limits }: Omit<Occasion, "policy" | "check">,
): Promise<CleanReply> {
  const { tenantId, pluginId: plugin, id: connectionId } = connection;
  const isHeard = transformers.listensTo(tenantId, ["response.after"], plugin);
  if (!(isHeard instanceof Promise ? await isHeard : isHeard)) return reply;

  const { method } = asked;
  const first = { ...toHookedReply(reply, transformers.maxBodyBytes), ...(isInFile && inAFile) };
  const read = new Map<Json, CleanReply>();
  const value = await transformers.waterfall(
    "response.after",
    { tenantId, plugin, connectionId, callId },
    {
      value: jsonOf(first),
      told: { request: { method, url: reply.url } },
      isPartial: isPartial(first),
      fits(answer) {
        read.set(answer, readHookedReply(answer, { reply, given: first, method, limits }));
        return true;
      },
      signal: call.signal,
    },
  );
  call.signal.throwIfAborted();
  return read.get(value) ?? reply;
}

/**
 * What hooks made of a request, in short, so that a reply to it is kept for what was asked and for nothing else: a vendor
 * does not say that its reply varies with what it does not know to be anybody's addition. The URL is told apart anyway.
 */
export function variantOf(given: PluginRequest, asked: PluginRequest): string {
  if (given.headers === asked.headers) return "";
  const before = new Set(given.headers.map(String));
  const after = new Set(asked.headers.map(String));
  const changes = [...before.symmetricDifference(after)].sort();
  return changes.length === 0 ? "" : createHash("sha256").update(JSON.stringify(changes)).digest("base64");
}

function isPartial({ withheld }: HookedBody): boolean {
  return withheld !== undefined;
}

/** It was made of JSON's own values; its optional members are left out, not undefined. */
function jsonOf(value: object): Json {
  return value as Json;
}
