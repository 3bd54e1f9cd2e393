import { createHash } from "node:crypto";
import { PlugboardError } from "@plugboard/service-kit/http";
import type { Kysely } from "kysely";
import { type CoreErrorCode, coreError, coreErrorTable } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import * as queries from "./queries.ts";

/** A request that must not be carried out twice. */
export interface IdempotentRequest {
  tenantId: string;
  /** `Idempotency-Key`, as the client chose it; undefined: it is carried out each time. */
  key: string | undefined;
  /** What it asks for: the same key for anything else is refused. */
  asks: unknown;
}

export interface Reply {
  status: number;
  body: unknown;
  headers: { [name: string]: string };
}

export interface Idempotency {
  /**
   * Carries `work` out once for a tenant's key, and answers every further request with the reply of the first. What was
   * refused before anything could have been done is not kept: the key may be used again.
   *
   * @throws `idempotency-key-reused`, `idempotency-key-in-use`, and what `work` throws, or threw the first time
   */
  once(request: IdempotentRequest, work: () => Promise<Reply>): Promise<Reply>;
  /** Deletes what is older than a day, a batch at a time. @returns how many */
  prune(signal: AbortSignal): Promise<number>;
}

type KeptReply = Reply | { error: { code: CoreErrorCode; detail: string; members: object } };

const keptHours = 24;
const batchRows = 1_000;

/** Of the answers that say that something failed in the middle, those that come before any plugin code has run. */
const beforeAll: readonly string[] = [
  "plugin-host-busy",
  "plugin-quarantined",
  "plugin-load-failed",
  "registry-unavailable",
  "release-not-trusted",
];

export function createIdempotency({ db }: { db: Kysely<CoreDatabase> }): Idempotency {
  return {
    async once({ tenantId, key, asks }, work) {
      if (key === undefined) return work();
      const fingerprint = createHash("sha256").update(JSON.stringify(asks)).digest("hex");
      const first = await queries.claimKey(db, { tenantId, key, fingerprint });
      if (first) return answerOf(first, fingerprint);
      try {
        const reply = await work();
        await queries.keepReply(db, tenantId, key, reply);
        return reply;
      } catch (error) {
        const kept = toKept(error);
        if (kept) await queries.keepReply(db, tenantId, key, kept);
        else await queries.freeKey(db, tenantId, key);
        throw error;
      }
    },

    async prune(signal) {
      let pruned = 0;
      for (let batch = batchRows; batch === batchRows && !signal.aborted; pruned += batch)
        batch = await queries.deleteOldRequests(db, keptHours, batchRows);
      return pruned;
    },
  };
}

function answerOf(first: queries.RequestRow, fingerprint: string): Reply {
  if (first.fingerprint !== fingerprint)
    throw coreError("idempotency-key-reused", "This Idempotency-Key was used for another request before.");
  if (first.reply === null) {
    const detail =
      "The first request with this Idempotency-Key has not ended, or this host went down while it ran; what became of it is not known.";
    throw coreError("idempotency-key-in-use", detail, {}, { headers: { "Retry-After": "5" } });
  }
  const reply: KeptReply = JSON.parse(first.reply);
  if (!("error" in reply)) return { ...reply, headers: { ...reply.headers, "Idempotent-Replayed": "true" } };
  const { code, detail, members } = reply.error;
  throw coreError(code, detail, { ...members }, { headers: { "Idempotent-Replayed": "true" } });
}

/** Undefined where nothing can have been done: what was refused, or never began. */
function toKept(error: unknown): KeptReply | undefined {
  if (!(error instanceof PlugboardError) || !isCoreCode(error.code))
    return {
      error: { code: "plugin-failed", detail: "The first request failed within the host.", members: {} },
    };
  const { code, status, message, members } = error;
  if (status < 500 || beforeAll.includes(code)) return undefined;
  return { error: { code, detail: message, members: members ?? {} } };
}

function isCoreCode(code: string): code is CoreErrorCode {
  return Object.hasOwn(coreErrorTable, code);
}
