import { createHash } from "node:crypto";
import { PlugboardError } from "@plugboard/service-kit/http";
import type { Kysely } from "kysely";
import { type CoreErrorCode, coreError, coreErrorTable } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import { type CallEffects, createCallEffects } from "../plugins/index.ts";
import { type Journal, openJournal } from "./journal.ts";
import { deleteParts, letGo, takeOver } from "./part-queries.ts";
import * as queries from "./queries.ts";

/** A request that must not be carried out twice. */
export interface IdempotentRequest {
  tenantId: string;
  /** `Idempotency-Key`, as the client chose it; undefined: it is carried out each time. */
  key: string | undefined;
  /** What it asks for: the same key for anything else is refused. */
  asks: unknown;
  /** Throws where the request would not be let in now: what is kept is no way around that. */
  admit(): Promise<void>;
  /**
   * It is made of parts that are written down one by one. After this time whoever began it is taken for gone: who asks again
   * then goes on with it.
   */
  resumableAfterMs?: number;
}

export interface Reply {
  status: number;
  body: unknown;
  headers: { [name: string]: string };
}

/** What work answers. */
export interface FirstReply extends Reply {
  /** A shorter body that says the same; kept where the whole is too large to be. */
  brief?: unknown;
}

/** @param journal where the request is made of parts, and has a key */
export type Work = (effects: CallEffects, journal?: Journal) => Promise<FirstReply>;

export interface Idempotency {
  /**
   * Carries `work` out once for a tenant's key, and answers every further request with the reply of the first. Where the
   * work failed, and told `effects` of nothing, the key may be used again.
   *
   * @throws `idempotency-key-reused`, `idempotency-key-in-use`, `idempotency-keys-exhausted`,
   * `idempotency-reply-not-kept`; what `admit` throws; and what `work` throws, or threw the first time
   */
  once(request: IdempotentRequest, work: Work): Promise<Reply>;
  /** Deletes what is older than a day, a batch at a time. @returns how many */
  prune(signal: AbortSignal): Promise<number>;
}

/** What is kept for a day. */
export interface IdempotencyLimits {
  /** Of one reply, as JSON. */
  replyBytes: number;
  /** Of one that is kept in brief: as much as a thousand outcomes take, each with the longest of keys. */
  briefBytes: number;
  /** Of all of a tenant's. */
  replyBytesPerTenant: number;
  requestsPerTenant: number;
}

const defaultIdempotencyLimits: IdempotencyLimits = {
  replyBytes: 256 * 1024,
  briefBytes: 4 * 1024 * 1024,
  replyBytesPerTenant: 256 * 1024 * 1024,
  requestsPerTenant: 100_000,
};

type KeptError = { code: CoreErrorCode; detail: string; members: object };
type Kept = Reply | { error: KeptError } | { tooLarge: { bytes: number } };

const keptHours = 24;
const batchRows = 1_000;

export function createIdempotency(options: {
  db: Kysely<CoreDatabase>;
  limits?: IdempotencyLimits;
}): Idempotency {
  const { db, limits = defaultIdempotencyLimits } = options;

  async function keep(
    claim: { tenantId: string; key: string; attempt: number },
    kept: Kept,
    shorter?: Kept | undefined,
  ): Promise<void> {
    const whole = JSON.stringify(kept);
    const bytes = Buffer.byteLength(whole);
    const instead = JSON.stringify({ tooLarge: { bytes } } satisfies Kept);
    const brief = shorter ? JSON.stringify(shorter) : instead;
    const text =
      bytes <= limits.replyBytes ? whole : Buffer.byteLength(brief) <= limits.briefBytes ? brief : instead;
    await queries.keepReply(db, claim, { text, instead, mostBytes: limits.replyBytesPerTenant });
  }

  return {
    async once({ tenantId, key, asks, admit, resumableAfterMs }, work) {
      const effects = createCallEffects();
      if (key === undefined) return await work(effects);
      const claim = { tenantId, key };
      const fingerprint = createHash("sha256").update(JSON.stringify(asks)).digest("hex");
      const claimed = await queries.claimKey(db, { ...claim, fingerprint, resumableAfterMs });
      let attempt = 1;
      if ("first" in claimed) {
        await admit();
        const { first } = claimed;
        const isOpen = first.reply === null && first.fingerprint === fingerprint;
        const isMine = isOpen && resumableAfterMs !== undefined;
        const taken = isMine ? await takeOver(db, claim, resumableAfterMs) : undefined;
        if (taken === undefined) return answerOf(first, fingerprint);
        attempt = taken;
      } else if (claimed.kept > limits.requestsPerTenant) {
        await queries.freeKey(db, claim);
        throw tooMany(limits);
      }
      const isParted = resumableAfterMs !== undefined;
      let reply: Reply;
      let brief: unknown;
      let journal: Journal | undefined;
      try {
        journal = isParted ? await openJournal(db, claim, attempt) : undefined;
        ({ brief, ...reply } = await work(effects, journal));
      } catch (error) {
        // What was done before is written down, and must not be forgotten.
        if (attempt > 1 || journal?.hasBegun) await letGo(db, claim, attempt);
        else if (effects.had) await keep({ ...claim, attempt }, { error: toKept(error) });
        else await queries.freeKey(db, claim);
        throw error;
      }
      await keep({ ...claim, attempt }, reply, brief === undefined ? undefined : { ...reply, body: brief });
      if (isParted) await deleteParts(db, claim);
      return reply;
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
  const kept: Kept = JSON.parse(first.reply);
  if ("status" in kept) return { ...kept, headers: { ...kept.headers, ...replayed } };
  if ("error" in kept) {
    const { code, detail, members } = kept.error;
    throw coreError(code, detail, { ...members }, { headers: replayed });
  }
  const detail = `The first request with this Idempotency-Key was carried out. Its answer of ${kept.tooLarge.bytes} bytes was not kept.`;
  throw coreError("idempotency-reply-not-kept", detail, {}, { headers: replayed });
}

const replayed = { "Idempotent-Replayed": "true" };

function toKept(error: unknown): KeptError {
  if (!(error instanceof PlugboardError) || !isCoreCode(error.code))
    return { code: "plugin-failed", detail: "The first request failed within the host.", members: {} };
  const { code, message, members } = error;
  return { code, detail: message, members: members ?? {} };
}

function isCoreCode(code: string): code is CoreErrorCode {
  return Object.hasOwn(coreErrorTable, code);
}

/** Some of them are a day old in a while. */
const retryAfterSeconds = 600;

function tooMany({ requestsPerTenant }: IdempotencyLimits) {
  return coreError(
    "idempotency-keys-exhausted",
    `${requestsPerTenant} requests with an Idempotency-Key are kept for this tenant already, each for a day. Nothing was done.`,
    {},
    { headers: { "Retry-After": String(retryAfterSeconds) } },
  );
}
