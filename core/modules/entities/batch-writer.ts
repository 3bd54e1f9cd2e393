import {
  type BatchUnit,
  type BatchWrite,
  type Offer,
  planBatch,
  readResults,
  saysNotMade,
  targetOf,
  type WriteResult,
} from "@plugboard/plugin-sdk/manifest";
import { coreError } from "../../errors.ts";
import {
  type Batches,
  type Failure,
  notStarted,
  type Outcomes,
  problemOf,
} from "../../kernel/batches/index.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Hooks } from "../../kernel/hooks/index.ts";
import {
  createCallEffects,
  type Installs,
  type PluginRunner,
  toStatedError,
} from "../../kernel/plugins/index.ts";
import { beforeWrites } from "./before-writes.ts";
import type { Entities, EntityPlace, Record } from "./entities.ts";

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
  place: Omit<EntityPlace, "effects">,
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
    const { tenantId, connectionId, entity: name, signal } = place;
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
    async function call(unit: BatchUnit, effects: ReturnType<typeof createCallEffects>) {
      const { op, inputs } = unit;
      const { operation, input } = targetOf(unit);
      const before = await beforeWrites({ hooks, place, plugin, unit, check: offerOf(op) });
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

    async function perform(unit: BatchUnit): Promise<{ isOk: boolean; bytes: number }> {
      const effects = createCallEffects();
      try {
        const { bytes, results, callId } = await call(unit, effects);
        const all = results.map((result) => outcomeOf(name, result, callId));
        for (const [index, outcome] of all.entries()) outcomes.set(unit.places[index] ?? -1, outcome);
        await outcomes.end(unit.places);
        return { isOk: all.every(({ status }) => status === "succeeded"), bytes };
      } catch (error) {
        // As many of them as the tenant is ready to pay for.
        if (isCode(error, "spend-cap-reached") && unit.places.length > 1) {
          const [first, second] = halved(unit);
          const done = [await perform(first), await perform(second)];
          return { isOk: false, bytes: done.reduce((sum, { bytes }) => sum + bytes, 0) };
        }
        const failure = batches.failureOf(error, effects, unit.places.length === 1);
        for (const index of unit.places) outcomes.set(index, failure);
        await outcomes.end(unit.places);
        return { isOk: false, bytes: 0 };
      }
    }

    await batches.run({
      tenantId,
      plugin,
      units,
      stopsOnError: false,
      signal,
      begin: (unit) => outcomes.begin(unit.places),
      perform,
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

function outcomeOf(entity: string, result: WriteResult, callId: string): WriteOutcome {
  if ("error" in result) {
    const error = toStatedError(result.error, callId);
    return { status: saysNotMade(result.error) ? "failed" : "unknown", problem: problemOf(error) };
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

function halved(unit: BatchUnit): [BatchUnit, BatchUnit] {
  const { places, inputs } = unit;
  const middle = Math.ceil(places.length / 2);
  return [
    { ...unit, places: places.slice(0, middle), inputs: inputs.slice(0, middle) },
    { ...unit, places: places.slice(middle), inputs: inputs.slice(middle) },
  ];
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
