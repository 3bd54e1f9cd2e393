import { createHash } from "node:crypto";
import type { CacheRule } from "@plugboard/plugin-sdk/manifest";
import CachePolicy from "http-cache-semantics";
import { LRUCache } from "lru-cache";
import type { Clock } from "./clock.ts";
import { fits } from "./policy.ts";
import type { Header, PluginRequest } from "./types.ts";

/** A reply as the plugin gets it: scrubbed, its headers filtered. */
export interface CleanReply {
  status: number;
  statusText: string;
  url: string;
  headers: Header[];
  body: Uint8Array<ArrayBuffer>;
}

/**
 * Replies to GET that a plugin declared for keeping, each for one connection alone (RFC 9111, as a private cache), with
 * the credential that they were got with. What is kept was scrubbed before.
 */
export interface ReplyCache {
  /** What is kept for a request; undefined if there is no rule for it, or it has a condition of its own. */
  look(at: CachePlace, request: PluginRequest, rule: CacheRule): Look;
  /** Forgets what a write to this URL has made wrong (RFC 9111, section 4.4). */
  invalidate(connectionId: string, url: URL): void;
  forget(connectionId: string): void;
}

export interface CachePlace {
  connectionId: string;
  /** Of the credential: another account behind the same connection is not shown what the first one saw. */
  secrets: readonly string[];
  /** What other plugins made of the request, which the vendor may not know that it varies with. */
  variant: string;
}

export interface Look {
  /** Fresh, and to be used as it is. */
  hit: CleanReply | undefined;
  /** What to ask the vendor with, so that it can say that nothing has changed. */
  conditions: Header[];
  /** Keeps the reply if it may be kept, and came from where it was asked for. @returns what the plugin gets: what was kept, if the vendor says it is right still */
  keep(answered: { url: URL }, reply: CleanReply): CleanReply;
}

interface Kept {
  policy: CachePolicy;
  reply: CleanReply;
  connectionId: string;
  /** Of the key, and of what the policy holds of the request. */
  requestBytes: number;
}

export interface CacheLimits {
  maxBytes: number;
  maxBytesPerConnection: number;
}

/** For what is kept around a body. */
const overheadBytes = 1024;

/** A policy takes the request's apart and holds every part; more than this says nothing that is meant. */
const longestCacheControl = 200;

export function cacheRuleFor(
  rules: readonly CacheRule[],
  request: PluginRequest,
  declaredHost: string,
): CacheRule | undefined {
  const hasCondition = request.headers.some(([name]) => name.startsWith("if-"));
  const isTooLong = request.headers.some(
    ([name, value]) => name === "cache-control" && value.length > longestCacheControl,
  );
  if (request.method !== "GET" || hasCondition || isTooLong) return undefined;
  return rules.find((rule) => fits(rule, { ...request, declaredHost }));
}

export function createReplyCache(options: { clock: Clock; limits: CacheLimits }): ReplyCache {
  const { clock, limits } = options;
  /** The keys of each connection with their sizes, the oldest first. */
  const keysOf = new Map<string, Map<string, number>>();
  const kept = new LRUCache<string, Kept>({
    maxSize: Math.max(1, limits.maxBytes),
    sizeCalculation: sizeOf,
    dispose: ({ connectionId }, key) => {
      const keys = keysOf.get(connectionId);
      keys?.delete(key);
      if (keys?.size === 0) keysOf.delete(connectionId);
    },
  });

  class ClockedPolicy extends CachePolicy {
    // It asks itself what time it is.
    now(): number {
      return clock.now();
    }
  }

  function put(key: string, entry: Kept): void {
    const size = sizeOf(entry);
    kept.delete(key);
    if (size > limits.maxBytesPerConnection || size > limits.maxBytes) return;
    const keys = keysOf.get(entry.connectionId) ?? new Map<string, number>();
    let bytes = [...keys.values()].reduce((sum, one) => sum + one, size);
    for (const [oldest, itsSize] of [...keys]) {
      if (bytes <= limits.maxBytesPerConnection) break;
      bytes -= itsSize;
      kept.delete(oldest);
    }
    keys.set(key, size);
    keysOf.set(entry.connectionId, keys);
    kept.set(key, entry);
  }

  return {
    look({ connectionId, secrets, variant }, request, { defaultSeconds }) {
      const key = `${prefixOf(connectionId, request.url)}${request.url.search}\n${digestOf(secrets)}${variant}`;
      const { method, url } = request;
      const asked = { method, url: url.href, headers: Object.fromEntries(request.headers) };
      const found = kept.get(key);
      if (found?.policy.satisfiesWithoutRevalidation(asked)) {
        return { hit: withAge(found), conditions: [], keep: (_, reply) => reply };
      }
      return {
        hit: undefined,
        conditions: found ? conditionsOf(found.policy.revalidationHeaders(asked)) : [],
        keep({ url: answeredUrl }, reply) {
          // What a redirect led to is not what stands here.
          const isFromHere = answeredUrl.href === url.href;
          const answer = { status: reply.status, headers: headersOf(reply, defaultSeconds) };
          const held = heldOf(asked, answer.headers.vary);
          const requestBytes = key.length + url.href.length + lengthOf(Object.entries(held.headers));
          if (found && isFromHere && reply.status === 304) {
            const { policy } = found.policy.revalidatedPolicy(held, answer);
            const entry = { ...found, policy, reply: updated(found.reply, reply), requestBytes };
            put(key, entry);
            return withAge(entry);
          }
          const policy = new ClockedPolicy(held, answer, { shared: false, cacheHeuristic: 0 });
          const isOfUse = policy.timeToLive() > 0 || "etag" in answer.headers;
          if (policy.storable() && isFromHere && reply.status < 300 && isOfUse)
            put(key, { policy, reply, connectionId, requestBytes });
          else kept.delete(key);
          return reply;
        },
      };
    },

    forget(connectionId) {
      for (const key of [...(keysOf.get(connectionId)?.keys() ?? [])]) kept.delete(key);
    },

    invalidate(connectionId, url) {
      const prefix = prefixOf(connectionId, url);
      for (const key of [...(keysOf.get(connectionId)?.keys() ?? [])]) {
        if (key.startsWith(prefix)) kept.delete(key);
      }
    },
  };
}

function prefixOf(connectionId: string, url: URL): string {
  return `${connectionId} ${url.origin}${url.pathname}\n`;
}

/** Not the secrets themselves: what is kept is kept for longer than a request. */
function digestOf(secrets: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(secrets)).digest("base64");
}

interface Asked {
  method: string;
  url: string;
  headers: Record<string, string>;
}

/** Of a request what a policy needs: that the reply varies with it, and what it says of keeping. */
function heldOf(asked: Asked, vary = ""): Asked {
  const names = new Set(["cache-control", ...vary.split(",").map((name) => name.trim().toLowerCase())]);
  const headers = Object.fromEntries(Object.entries(asked.headers).filter(([name]) => names.has(name)));
  return { ...asked, headers };
}

function lengthOf(headers: readonly Header[]): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
}

function sizeOf({ reply, requestBytes }: Kept): number {
  // The policy holds the headers once more.
  return (
    overheadBytes + reply.body.byteLength + requestBytes + 2 * (reply.url.length + lengthOf(reply.headers))
  );
}

function withAge({ policy, reply }: Kept): CleanReply {
  const headers = reply.headers.filter(([name]) => name !== "age");
  return {
    ...reply,
    headers: [...headers, ["age", String(Math.floor(policy.age()))]],
    // It crosses to the sandbox with the memory behind it.
    body: new Uint8Array(reply.body),
  };
}

/** RFC 9111, section 3.2: what the vendor says anew of a reply counts, but for its body, which it has not sent. */
function updated(reply: CleanReply, fresh: CleanReply): CleanReply {
  const news = fresh.headers.filter(([name]) => !name.startsWith("content-"));
  const names = new Set(news.map(([name]) => name));
  return { ...reply, headers: [...reply.headers.filter(([name]) => !names.has(name)), ...news] };
}

function conditionsOf(headers: Record<string, string | string[] | undefined>): Header[] {
  return Object.entries(headers).flatMap(([name, value]): Header[] =>
    name.startsWith("if-") && value !== undefined ? [[name, String(value)]] : [],
  );
}

function headersOf({ headers }: CleanReply, defaultSeconds: number | undefined): Record<string, string> {
  const byName = Map.groupBy(headers, ([name]) => name);
  const joined = Object.fromEntries(
    [...byName].map(([name, same]) => [name, same.map(([, value]) => value).join(", ")]),
  );
  const isSilent = !("cache-control" in joined || "expires" in joined || "pragma" in joined);
  return isSilent && defaultSeconds !== undefined
    ? { ...joined, "cache-control": `private, max-age=${defaultSeconds}` }
    : joined;
}
