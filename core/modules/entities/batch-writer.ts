import {
  type BatchUnit,
  type BatchWrite,
  isNotMade,
  type Offer,
  partOf,
  planBatch,
  readResults,
  targetOf,
  type WriteResult,
} from "@plugboard/plugin-sdk/manifest";
import type { PlugboardError } from "@plugboard/service-kit/http";
import { coreError } from "../../errors.ts";
import {
  type Batch,
  type Batches,
  bytesOf,
  type Failure,
  failureFrom,
  notStarted,
  type Outcomes,
  type Performed,
  problemOf,
  slowDownOf,
} from "../../kernel/batches/index.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Hooks } from "../../kernel/hooks/index.ts";
import {
  type CallEffects,
  createCallEffects,
  type Installs,
  type PluginRunner,
  toStatedError,
} from "../../kernel/plugins/index.ts";
import { beforeWrites } from "./before-writes.ts";
import type { Entities, EntityPlace, Record } from "./entities.ts";
import { longest, together } from "./together.ts";

/** What became of one write. */
export type WriteOutcome =
  | { status: "succeeded"; key: string; record?: Record }
  | (Failure & { key?: string });

/**
 * Makes many writes, as many in one call as the entity's `batch` takes.
 *
 * @param keyFor the idempotency key of the write at a place
 * @param outcomes those that are there already are of writes that are not made again
 * @returns an outcome for each, in their order
 * @throws before anything was done: `connection-not-found`, `entity-not-found`, `batches-limit-exceeded`, and what a call
 * over the connection would be refused with
 */
export type BatchWriter = (
  place: Omit<EntityPlace, "effects"> & Pick<Batch<unknown>, "whenSent">,
  writes: BatchWrite[],
  keyFor: (place: number) => string,
  outcomes: Outcomes<WriteOutcome>,
) => Promise<WriteOutcome[]>;

export function createBatchWriter(kernel: {
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get">;
  runner: Pick<PluginRunner, "runEntity" | "offers" | "admit">;
  hooks: Hooks;
  batches: Batches;
  entities: Pick<Entities, "find">;
}): BatchWriter {
  const { connections, installs, runner, hooks, batches, entities } = kernel;

  return async (place, writes, keyFor, outcomes) => {
    const { tenantId, connectionId, entity: name, signal, whenSent } = place;
    const entity = await entities.find(tenantId, connectionId, name);
    const connection = await connections.use(tenantId, connectionId);
    const install = () => installs.get(tenantId, connection.installId);
    await runner.admit({ install, connection });
    const { plugin } = await install();
    const offers = await runner.offers(install);
    const offerOf = (op: string): Offer | undefined => offers({ kind: "entity", name: `${name}.${op}` });

    const { units, refused } = planBatch(entity, writes, {
      check: (op, input) => offerOf(op)?.checkInput(input) ?? [],
      keyFor,
      isDone: (index) => outcomes.get(index) !== undefined,
    });
    for (const { place: index, problems } of refused) {
      const why =
        problems === "no-such-operation" ? notOffered(name, entity.operations) : doesNotFit(name, problems);
      outcomes.set(index, { status: "failed", problem: problemOf(why) });
    }

    /** Runs what makes the unit. @throws what became of it, if nobody can say it of its writes one by one */
    async function call(unit: BatchUnit, effects: CallEffects, signal: AbortSignal) {
      const { op, inputs } = unit;
      const { operation, input } = targetOf(unit);
      const before = await beforeWrites({ hooks, place, plugin, unit, check: offerOf(op), batch: signal });
      const read = (output: unknown) =>
        readResults(unit, entity.key, output, (record) => offerOf(op)?.checkOutput(record) ?? []);
      const { output, callId } = await runner.runEntity({
        connection,
        install,
        entity: name,
        operation,
        // From a JSON body, with texts added: plain data.
        input: input as Record,
        effects,
        counts: {
          name: `${name}.${op}`,
          units: inputs.length,
          made(answer) {
            const results = read(answer);
            return typeof results === "string" ? 0 : results.filter((one) => !("error" in one)).length;
          },
        },
        ...before,
      });
      const results = read(output);
      if (typeof results === "string") throw misanswered(name, operation, results);
      return { bytes: Buffer.byteLength(JSON.stringify(output)), results, callId };
    }

    async function perform(unit: BatchUnit, signal: AbortSignal): Promise<Performed<BatchUnit>> {
      const effects = createCallEffects();
      try {
        const { bytes, results, callId } = await call(unit, effects, signal);
        for (const [index, result] of results.entries())
          outcomes.set(unit.places[index] ?? -1, outcomeOf(name, result, callId, effects));
        return toldOf(unit, effects, bytes);
      } catch (error) {
        // As many of them as the tenant is ready to pay for.
        if (isCode(error, "spend-cap-reached") && unit.places.length > 1) {
          const middle = Math.ceil(unit.places.length / 2);
          const first = await perform(
            partOf(unit, (index) => index < middle),
            signal,
          );
          const second = await perform(
            partOf(unit, (index) => index >= middle),
            signal,
          );
          return together(first, second);
        }
        const why = signal.aborted && error === signal.reason ? (error as PlugboardError) : undefined;
        const failure = why ? notStarted(why) : batches.failureOf(error, effects, unit.places.length === 1);
        for (const index of unit.places) outcomes.set(index, failure);
        return toldOf(unit, effects, unit.places.length * bytesOf(failure));
      }
    }

    /** How a call went, by the outcomes of its writes, which add so many bytes to the answer. */
    function toldOf(unit: BatchUnit, effects: CallEffects, bytes: number): Performed<BatchUnit> {
      const all = unit.places.map((index) => outcomes.get(index));
      const isOk = all.every((one) => one?.status === "succeeded");
      const slow = all.map((one) => slowDownOf(one, effects));
      const asked = slow.filter((one) => one !== undefined);
      if (asked.length === 0) return { isOk, bytes };
      const askedMs = asked.map((one) => one.askedMs).reduce(longest);
      const again = effects.had ? undefined : partOf(unit, (index) => slow[index] !== undefined);
      const againBytes = again ? Math.floor((bytes * asked.length) / all.length) : 0;
      return { isOk, bytes, slowDown: { askedMs, again, againBytes } };
    }

    await batches.run({
      tenantId,
      plugin,
      units,
      bytes: Buffer.byteLength(JSON.stringify(writes)),
      whenSent,
      stopsOnError: false,
      signal,
      begin: (unit) => outcomes.begin(unit.places),
      perform,
      end: (unit) => outcomes.end(unit.places),
      skip(unit, why) {
        for (const index of unit.places) outcomes.set(index, notStarted(why));
      },
    });
    return writes.map((_, index) => {
      const outcome = outcomes.get(index);
      if (!outcome) throw new TypeError(`Write ${index} of the batch has no outcome.`);
      return outcome;
    });
  };
}

function outcomeOf(entity: string, result: WriteResult, callId: string, effects: CallEffects): WriteOutcome {
  if ("error" in result) {
    const error = toStatedError(result.error, callId);
    return failureFrom(error, isNotMade(result.error, effects));
  }
  const { key } = result;
  if ("problems" in result) {
    const detail = `The plugin says that it was written, and the record that it gives does not fit the schema of "${entity}".`;
    const problems = result.problems.map(({ pointer, message }) => ({
      pointer: `/record${pointer}`,
      message,
    }));
    return {
      status: "unknown",
      key,
      problem: problemOf(coreError("entity-output-invalid", detail, { problems })),
    };
  }
  return { status: "succeeded", key, ...(result.record && { record: result.record as Record }) };
}

function notOffered(entity: string, operations: string[]) {
  const detail = `Records of "${entity}" cannot be written in this way.`;
  return coreError("entity-operation-not-found", detail, { available: operations });
}

function doesNotFit(entity: string, found: { pointer: string; message: string }[]) {
  // In the caller's words: what is changed stands in `record` too.
  const problems = found.map(({ pointer, message }) => ({
    pointer: pointer.replace(/^\/changes/, "/record"),
    message,
  }));
  return coreError("entity-input-invalid", `The write does not fit "${entity}".`, { problems });
}

function misanswered(entity: string, operation: string, what: string) {
  return coreError("entity-output-invalid", `"${entity}.${operation}": ${what}`);
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
