import type { Json } from "../author/index.ts";
import {
  type BatchUnit,
  batchPauses,
  compileOffer,
  isNothingDone,
  isNotMade,
  type KnownEffects,
  type Manifest,
  type OfferTarget,
  type Problem,
  partOf,
  planBatch,
  readResults,
  type StatedError,
  saysRefused,
  targetOf,
  type WriteResult,
} from "../manifest/index.ts";
import { hostLimits } from "./host/index.ts";
import { PluginFailure } from "./plugin-failure.ts";
import type { TestWrite, TestWriteOutcome } from "./test-batch.ts";

/**
 * Makes many writes, in calls as a host makes them, one after the other. What the vendor was too busy for is called for again
 * as a host does after its pauses, but at once, and no more often than after its own ones: it may be a vendor that is recorded.
 */
export async function writeBatch(options: {
  manifest: Manifest;
  perform(target: OfferTarget, input: Json): Promise<Json>;
  newKey(): string;
  /** Begins to look. @returns what is known since */
  watchEffects(): () => KnownEffects;
  entity: string;
  writes: readonly TestWrite[];
}): Promise<TestWriteOutcome[]> {
  const { manifest, perform, newKey, watchEffects, entity: name, writes } = options;
  const entities = manifest.contributes?.entities ?? {};
  const entity = Object.hasOwn(entities, name) ? entities[name] : undefined;
  if (!entity) throw new TypeError(`${manifest.id} has no entity "${name}".`);
  const offerOf = (op: string) => compileOffer(manifest, { kind: "entity", name: `${name}.${op}` });
  const outcomes: TestWriteOutcome[] = [];

  const { units, refused } = planBatch(entity, writes, {
    check: (op, input) => offerOf(op)?.checkInput(input) ?? [],
    keyFor: (place) => writes[place]?.idempotencyKey ?? newKey(),
  });
  for (const { place, problems } of refused) {
    outcomes[place] =
      problems === "no-such-operation"
        ? failed("entity-operation-not-found", `Records of "${name}" cannot be written in this way.`)
        : failed("entity-input-invalid", sayAll(problems));
  }

  async function call(unit: BatchUnit): Promise<WriteResult[]> {
    const { operation, input } = targetOf(unit);
    const answer = await perform({ kind: "entity", name: `${name}.${operation}` }, input as Json);
    const check = (record: unknown) => offerOf(unit.op)?.checkOutput(record) ?? [];
    const results = readResults(unit, entity?.key ?? "", answer, check);
    if (typeof results === "string") throw new TypeError(results);
    return results;
  }

  /** @returns what the vendor was too busy for, where nothing was done; and for how long it asks to wait, if it says that */
  async function make(
    unit: BatchUnit,
  ): Promise<{ busy: BatchUnit; askedMs: number | undefined } | undefined> {
    const effects = watchEffects();
    try {
      for (const [index, result] of (await call(unit)).entries())
        outcomes[unit.places[index] ?? -1] = outcomeOf(result, effects());
    } catch (error) {
      for (const place of unit.places)
        outcomes[place] = outcomeOfThrown(error, effects(), unit.places.length === 1);
    }
    const pauses = unit.places.map((place) => askedPauseOf(outcomes[place]));
    const busy = partOf(unit, (index) => pauses[index] !== undefined);
    const asked = pauses.filter((ms) => typeof ms === "number");
    if (busy.places.length === 0 || effects().had) return undefined;
    return { busy, askedMs: asked.length === 0 ? undefined : Math.max(...asked, batchPauses.leastMs) };
  }

  for (const unit of units) {
    let left = await make(unit);
    let waitedMs = 0;
    for (const ownMs of batchPauses.ownMs) {
      if (left) waitedMs += left.askedMs ?? ownMs;
      if (!left || waitedMs >= hostLimits.batchMs) break;
      left = await make(left.busy);
    }
  }
  return outcomes;
}

/** For how long the vendor asks to wait, if it does: null where it does not say. */
function askedPauseOf(outcome: TestWriteOutcome | undefined): number | null | undefined {
  if (!outcome || outcome.status === "succeeded" || outcome.code !== "rate-limited") return undefined;
  return outcome.retryAfterMs ?? null;
}

function outcomeOf(result: WriteResult, effects: KnownEffects): TestWriteOutcome {
  if ("error" in result) return stated(result.error, effects);
  if ("problems" in result)
    return { status: "unknown", code: "entity-output-invalid", message: sayAll(result.problems) };
  return { status: "succeeded", ...result } as TestWriteOutcome;
}

function stated(error: StatedError, effects: KnownEffects): TestWriteOutcome {
  return failure({ code: "plugin-failed", ...error }, isNotMade(error, effects));
}

function outcomeOfThrown(error: unknown, effects: KnownEffects, isOne: boolean): TestWriteOutcome {
  if (error instanceof PluginFailure) {
    const { code } = error;
    return failure(error, isNothingDone(code, effects) || (isOne && saysRefused(code)));
  }
  if (!(error instanceof TypeError)) throw error;
  const status = effects.had ? "unknown" : "failed";
  return { status, code: "entity-output-invalid", message: error.message };
}

/** When to send it again is nothing to tell of what must not be before somebody has looked. */
function failure(
  {
    code,
    message,
    details,
    retryAfterMs,
  }: { code: string; message: string; details?: unknown; retryAfterMs?: number | undefined },
  isNotMade: boolean,
): TestWriteOutcome {
  return {
    status: isNotMade ? "failed" : "unknown",
    code,
    message,
    ...(details !== undefined && { details }),
    ...(isNotMade && retryAfterMs !== undefined && { retryAfterMs }),
  };
}

const failed = (code: string, message: string): TestWriteOutcome => ({ status: "failed", code, message });

const sayAll = (problems: Problem[]): string =>
  problems.map(({ pointer, message }) => `${pointer.replace(/^\/changes/, "/record")} ${message}`).join(" ");
