import { PlugboardError } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
import { type CoreErrorCode, coreError } from "../../errors.ts";
import type { Journal } from "../idempotency/index.ts";
import { createFairTurns } from "./fair-turns.ts";
import { createOutcomes, type Outcomes } from "./journaled.ts";
import type { BatchLimits } from "./limits.ts";
import { type Failure, failureOf } from "./outcome.ts";

/** What a route that takes a batch may be answered with on its account; for the documentation. */
export const batchErrors = [
  "batches-limit-exceeded",
  "batch-stopped",
  "batch-deadline-exceeded",
  "batch-interrupted",
] as const satisfies CoreErrorCode[];

export interface Batch<Unit> {
  tenantId: string;
  /** Whose plugin it is, for metrics. */
  plugin: string;
  /** What is done in one call each. */
  units: readonly Unit[];
  /** One after the other, and no further after the first that did not succeed. */
  stopsOnError: boolean;
  /** Aborted when nobody waits for the answer any more: what is under way ends, and nothing further begins. */
  signal: AbortSignal;
  /** Runs before a unit is begun. @returns false where it must not be, for another host goes on with the batch */
  begin(unit: Unit): Promise<boolean>;
  /** Never throws. @returns whether all of it succeeded, and how large what it adds to the answer is, in bytes */
  perform(unit: Unit): Promise<{ isOk: boolean; bytes: number }>;
  /** Hears of a unit that was not begun, and why. */
  skip(unit: Unit, why: PlugboardError): void;
}

/** Runs what came in one request as many calls: bounded, tenants in turn. */
export interface Batches {
  /** @throws `batches-limit-exceeded` before anything was begun */
  run<Unit>(batch: Batch<Unit>): Promise<void>;
  /** @param inBrief what is written down of an outcome */
  outcomes<Outcome extends { status: string }>(
    journal: Journal | undefined,
    inBrief: (outcome: Outcome) => Outcome,
  ): Outcomes<Outcome | Failure>;
  /** After so long whoever has begun a batch has ended it, or is gone. */
  resumableAfterMs: number;
  /** What became of what a call was made for that has thrown; what was not foreseen is logged. */
  failureOf: typeof failureOf;
}

/** Of one batch at a time. More would only wait for each other at the vendor. */
const callsPerBatch = 8;

/** An answer that has grown so large gets nothing more but what is under way. */
const replyBytes = 8 * 1024 * 1024;

export function createBatches(options: {
  limits: BatchLimits;
  limitReached(plugin: string, limit: "hostBatches" | "batchesPerTenant" | "batchMs"): void;
  logger: Pick<Logger, "error" | "warn">;
}): Batches {
  const { limits, limitReached, logger } = options;
  const { hostBatchCalls: most, hostBatchCallsPerTenant: mostPerTenant } = limits;
  const turns = createFairTurns({ most, mostPerTenant });
  /** How many each tenant has under way. */
  const underWay = new Map<string, number>();
  let allUnderWay = 0;

  function enter({ tenantId, plugin }: { tenantId: string; plugin: string }): () => void {
    const before = underWay.get(tenantId) ?? 0;
    if (before >= limits.batchesPerTenant) {
      limitReached(plugin, "batchesPerTenant");
      throw tooMany(`This tenant has ${before} batches under way already`);
    }
    if (allUnderWay >= limits.hostBatches) {
      limitReached(plugin, "hostBatches");
      throw tooMany(`This host has ${allUnderWay} batches under way already`);
    }
    underWay.set(tenantId, before + 1);
    allUnderWay++;
    return () => {
      allUnderWay--;
      const rest = (underWay.get(tenantId) ?? 1) - 1;
      if (rest > 0) underWay.set(tenantId, rest);
      else underWay.delete(tenantId);
    };
  }

  return {
    // What began in time ends by the deadline of its call.
    resumableAfterMs: 2 * limits.batchMs,

    outcomes: (journal, inBrief) => createOutcomes(journal, inBrief, logger),

    failureOf(error, effects, isOne) {
      if (!(error instanceof PlugboardError && error.expose))
        logger.error({ err: error }, "a part of a batch failed");
      return failureOf(error, effects, isOne);
    },

    async run(batch) {
      const { tenantId, units, stopsOnError, signal, begin, perform, skip } = batch;
      const leave = enter(batch);
      const halted = new AbortController();
      let why: PlugboardError | undefined;
      const halt = (reason: PlugboardError) => {
        why ??= reason;
        halted.abort();
      };
      const leftAlone = () => halt(stopped("Whoever asked for it has hung up."));
      const timer = setTimeout(() => {
        limitReached(batch.plugin, "batchMs");
        halt(outOfTime(limits.batchMs));
      }, limits.batchMs);
      if (signal.aborted) leftAlone();
      signal.addEventListener("abort", leftAlone, { once: true });

      const next = units.values();
      let bytes = 0;
      /** Each takes the next unit as soon as it has done one. */
      async function work(): Promise<void> {
        for (const unit of next) {
          const giveBack = await turns.take(tenantId, halted.signal);
          if (why || !giveBack) {
            giveBack?.();
            skip(unit, why ?? stopped("The batch has ended."));
            continue;
          }
          try {
            if (!(await begin(unit))) halt(stopped("Another host goes on with the batch."));
            if (why) {
              skip(unit, why);
              continue;
            }
            const done = await perform(unit);
            bytes += done.bytes;
            if (stopsOnError && !done.isOk) halt(stopped("What came before it did not succeed."));
            if (bytes > replyBytes)
              halt(stopped("What came before it fills the answer. Ask for less at once."));
          } finally {
            giveBack();
          }
        }
      }
      try {
        const workers = stopsOnError ? 1 : Math.min(callsPerBatch, units.length);
        await Promise.all(Array.from({ length: workers }, work));
      } finally {
        clearTimeout(timer);
        signal.removeEventListener("abort", leftAlone);
        leave();
      }
    },
  };
}

function tooMany(found: string): PlugboardError {
  return coreError(
    "batches-limit-exceeded",
    `${found}, and no more may be at a time. Nothing was done.`,
    {},
    { headers: { "Retry-After": "1" } },
  );
}

function stopped(detail: string): PlugboardError {
  return coreError("batch-stopped", `${detail} This was not begun.`);
}

function outOfTime(batchMs: number): PlugboardError {
  const detail = `The batch began nothing more after ${batchMs} ms. This was not begun; send it in another one.`;
  return coreError("batch-deadline-exceeded", detail, { retryable: true });
}
