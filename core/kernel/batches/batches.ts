import { batchPauses } from "@plugboard/plugin-sdk/manifest";
import { PlugboardError } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
import { type CoreErrorCode, coreError } from "../../errors.ts";
import { type Clock, systemClock } from "../capabilities/index.ts";
import type { Journal } from "../idempotency/index.ts";
import { createBatchRoom } from "./batch-room.ts";
import { type BatchTime, openBatchTime } from "./batch-time.ts";
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
  /** Of what was asked for, as JSON. */
  bytes: number;
  /** One after the other, and no further after the first that did not succeed. */
  stopsOnError: boolean;
  /** Aborted when nobody waits for the answer any more: what is under way ends, and nothing further begins. */
  signal: AbortSignal;
  /** Has something done when its answer is through, or nobody takes it. */
  whenSent(release: () => void): void;
  /** Runs before a unit is begun. @returns false where it must not be, for another host goes on with the batch */
  begin(unit: Unit): Promise<boolean>;
  /**
   * Never throws.
   * @param signal aborted when nothing more is to be begun; its reason is for what of the unit has not left by then
   */
  perform(unit: Unit, signal: AbortSignal): Promise<Performed<Unit>>;
  /** Hears of a unit that was begun, and is not performed any more. */
  end(unit: Unit): Promise<void>;
  /** Hears of a unit that was not begun, and why. */
  skip(unit: Unit, why: PlugboardError): void;
}

export interface Performed<Unit> {
  /** Whether all of it succeeded. */
  isOk: boolean;
  /** What it adds to the answer. */
  bytes: number;
  /** The vendor asks to slow down. */
  slowDown?: {
    /** For so long, where it says that. */
    askedMs: number | undefined;
    /** What nothing was done of, so that it can be performed again. */
    again: Unit | undefined;
    /** How many of `bytes` tell of that, and go once it is performed again. */
    againBytes: number;
  };
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
  limitReached(
    plugin: string,
    limit: Exclude<keyof BatchLimits, "hostBatchCalls" | "hostBatchCallsPerTenant">,
  ): void;
  logger: Pick<Logger, "error" | "warn">;
  clock?: Clock;
}): Batches {
  const { limits, limitReached, logger, clock = systemClock } = options;
  const { hostBatchCalls: most, hostBatchCallsPerTenant: mostPerTenant, batchMs } = limits;
  const turns = createFairTurns({ most, mostPerTenant });
  const room = createBatchRoom(limits, limitReached);

  /**
   * Performs a unit, and again what of it the vendor was too busy for. Where the vendor says for how long, nothing else is
   * begun meanwhile; where it does not, it may be for this one alone, such as for a record that somebody else holds.
   */
  async function performAll<Unit>(
    { perform, end }: Pick<Batch<Unit>, "perform" | "end">,
    unit: Unit,
    time: BatchTime,
    {
      took,
      pause,
    }: {
      took(bytes: number): void;
      /** @returns whether there is time for more after it */
      pause(ownMs: number): Promise<boolean>;
    },
  ): Promise<boolean> {
    const ownPauses = batchPauses.ownMs.values();
    let replaced = 0;
    for (let left = unit; ; ) {
      const { isOk, bytes, slowDown } = await perform(left, time.signal);
      took(bytes - replaced);
      const { askedMs, again, againBytes = 0 } = slowDown ?? {};
      if (askedMs !== undefined) time.slowDown(askedMs);
      const ownMs = askedMs === undefined ? ownPauses.next().value : 0;
      if (again === undefined || ownMs === undefined || !(await pause(ownMs))) {
        await end(unit);
        return isOk;
      }
      left = again;
      replaced = againBytes;
    }
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
      const { tenantId, plugin, units, stopsOnError, signal, begin, skip } = batch;
      const held = room.enter(batch);
      const time = openBatchTime({ clock, batchMs, ranOut: () => limitReached(plugin, "batchMs") });
      const leftAlone = () => time.halt(stopped("Whoever asked for it has hung up."));
      if (signal.aborted) leftAlone();
      signal.addEventListener("abort", leftAlone, { once: true });

      const next = units.values();
      let bytes = 0;
      function took(more: number): void {
        bytes += more;
        if (bytes > replyBytes)
          time.halt(stopped("What came before it fills the answer. Ask for less at once."));
        if (!held.grow(more))
          time.halt(stopped("Batches hold as much as they may by now. Ask for less at once."));
      }

      /** Others have their turns while the vendor asks for a pause. @returns undefined where the batch is over */
      async function takeTurn(): Promise<(() => void) | undefined> {
        for (;;) {
          await time.pauseIsOver();
          const giveBack = await turns.take(tenantId, time.signal);
          if (!giveBack || !time.isPaused()) return giveBack;
          giveBack();
        }
      }

      /** Each takes the next unit as soon as it has done one. */
      async function work(): Promise<void> {
        for (const unit of next) {
          let giveBack = await takeTurn();
          try {
            if (giveBack && !time.why && !(await begin(unit)))
              time.halt(stopped("Another host goes on with the batch."));
            if (!giveBack || time.why) {
              skip(unit, time.why ?? stopped("The batch has ended."));
              continue;
            }
            const isOk = await performAll(batch, unit, time, {
              took,
              async pause(ownMs) {
                giveBack?.();
                giveBack = undefined;
                if (ownMs > 0 && !(await time.wait(ownMs))) return false;
                giveBack = await takeTurn();
                return giveBack !== undefined && !time.why;
              },
            });
            if (stopsOnError && !isOk) time.halt(stopped("What came before it did not succeed."));
          } finally {
            giveBack?.();
          }
        }
      }
      try {
        const workers = stopsOnError ? 1 : Math.min(callsPerBatch, units.length);
        await Promise.all(Array.from({ length: workers }, work));
      } finally {
        time.end();
        signal.removeEventListener("abort", leftAlone);
        held.leave();
        batch.whenSent(held.release);
      }
    },
  };
}

function stopped(detail: string): PlugboardError {
  return coreError("batch-stopped", `${detail} This was not begun.`);
}
