import type { EntityContribution, Problem, WritingOperation } from "../types.ts";

type Fields = { [field: string]: unknown };

/** One write of a batch, as it is asked for. */
export interface BatchWrite {
  op: WritingOperation;
  /** Of all but `create`. */
  key?: string | undefined;
  /** Of all but `remove`; of `update`, the fields that change. */
  record?: Fields | undefined;
}

/** Writes of a batch that are made in one call of the plugin. */
export interface BatchUnit {
  op: WritingOperation;
  /** Whether the call is one of the entity's batch; else it is one of the single operation. */
  isMany: boolean;
  /** Which of the writes, counted from 0. */
  places: number[];
  /** What the operation takes, for each. */
  inputs: Fields[];
}

/** A write that is not made, and why. */
export interface RefusedWrite {
  place: number;
  /** Either there is no such operation, or the write is none of its kind. */
  problems: Problem[] | "no-such-operation";
}

/** In characters of JSON, together: what goes in one call has to get through the sandbox's door. */
const mostCharacters = 1024 * 1024;

/**
 * Parts a batch into calls. Its writes may be made in any order, at the same time: of a key there is one at most.
 *
 * @param check what is wrong with the input of a single operation
 * @param keyFor the idempotency key of the write at a place
 */
export function planBatch(
  entity: EntityContribution,
  writes: readonly BatchWrite[],
  {
    check,
    keyFor,
    isDone = () => false,
  }: {
    check(op: WritingOperation, input: Fields): Problem[];
    keyFor(place: number): string;
    /** Whether the write at a place is left out, for it was made before. */
    isDone?(place: number): boolean;
  },
): { units: BatchUnit[]; refused: RefusedWrite[] } {
  const refused: RefusedWrite[] = [];
  const units: BatchUnit[] = [];
  /** Those that are still being filled. */
  const open = new Map<WritingOperation, { unit: BatchUnit; characters: number }>();
  const keys = new Map<string, number>();

  for (const [place, write] of writes.entries()) {
    const { op, key } = write;
    if (isDone(place)) {
      if (key !== undefined && !keys.has(key)) keys.set(key, place);
      continue;
    }
    if (!entity.operations.includes(op)) {
      refused.push({ place, problems: "no-such-operation" });
      continue;
    }
    const input = inputOf(write, () => keyFor(place));
    const first = key === undefined ? undefined : keys.get(key);
    const problems = first === undefined ? check(op, input) : [twice(first)];
    if (problems.length > 0) {
      refused.push({ place, problems });
      continue;
    }
    if (key !== undefined) keys.set(key, place);
    const isMany = entity.batch?.operations.includes(op) ?? false;
    const most = isMany ? (entity.batch?.most ?? 1) : 1;
    const characters = JSON.stringify(input).length;
    let filling = open.get(op);
    if (!filling || filling.unit.places.length >= most || filling.characters + characters > mostCharacters) {
      filling = { unit: { op, isMany, places: [], inputs: [] }, characters: 0 };
      open.set(op, filling);
      units.push(filling.unit);
    }
    filling.unit.places.push(place);
    filling.unit.inputs.push(input);
    filling.characters += characters;
  }
  return { units, refused };
}

/** What the operation is handed for one write. What must not be there, such as the key of a `create`, stays in. */
function inputOf({ op, key, record }: BatchWrite, idempotencyKey: () => string): Fields {
  const fields = {
    ...(key !== undefined && { key }),
    ...(record !== undefined && { [op === "update" ? "changes" : "record"]: record }),
  };
  return op === "remove" ? fields : { ...fields, idempotencyKey: idempotencyKey() };
}

function twice(first: number): Problem {
  const message = `must differ from that of write ${first}; a batch writes each record once`;
  return { code: "duplicate-item", pointer: "/key", message };
}

/** How it waits for a vendor that is too busy for a unit, before it makes that again. */
export const batchPauses = {
  /** Each time, where the vendor does not say for how long it is; then it is left. */
  ownMs: [1_000, 2_000, 4_000, 8_000],
  /** Also where the vendor asks for less: each unit is a call of plugin code. */
  leastMs: 1_000,
} as const;

/** Those writes of a unit whose place in it fits. */
export function partOf(unit: BatchUnit, fits: (index: number) => boolean): BatchUnit {
  const these = <Item>(items: Item[]) => items.filter((_, index) => fits(index));
  return { ...unit, places: these(unit.places), inputs: these(unit.inputs) };
}

/** Which function of the plugin makes a unit, and with what. */
export function targetOf(unit: Pick<BatchUnit, "op" | "isMany" | "inputs">): {
  operation: WritingOperation | `batch.${WritingOperation}`;
  input: Fields;
} {
  const { op, isMany, inputs } = unit;
  if (isMany) return { operation: `batch.${op}`, input: { writes: inputs } };
  return { operation: op, input: inputs[0] ?? {} };
}

/** An error that the plugin has stated of one write. */
export interface StatedError {
  code?: string;
  message: string;
  details?: unknown;
  retryAfterMs?: number;
}

/** Codes by which a plugin says that the vendor has refused what it was asked for. */
const refusals = ["invalid-input", "unauthorized", "forbidden", "not-found", "conflict", "rate-limited"];

/** Whether what a plugin throws says that the vendor has refused the one thing that the call was made for. */
export function saysRefused(code: unknown): boolean {
  return typeof code === "string" && refusals.includes(code);
}

/**
 * What a plugin says of a write that was not made; and what is refused before anything leaves. All else, such as that a
 * reply was too large or led elsewhere, may come after the vendor has made it.
 */
const notMade = [...refusals, "vendor-error", "fetch-invalid-request", "fetch-request-too-large"];

/** What is known of a call besides what it says. */
export interface KnownEffects {
  /** It may have changed something. */
  had: boolean;
  /** Of what it was to change the vendor refused some, as no more than a status says. */
  refused: boolean;
}

/** Whether a write was not made, of which a plugin states an error: it says so, or nothing was done, and it does not doubt it. */
export function isNotMade({ code }: StatedError, effects: KnownEffects): boolean {
  return (code !== undefined && notMade.includes(code)) || isNothingDone(code, effects);
}

/** Whether a call that failed with a code has changed nothing. What its author cannot tell, a status does not tell. */
export function isNothingDone(code: unknown, { had, refused }: KnownEffects): boolean {
  return !had && !(refused && code === "vendor-unavailable");
}

/** What became of a write, by the plugin's answer. */
export type WriteResult =
  | { key: string; record?: Fields }
  | { error: StatedError }
  /** It was made, and what the plugin says of the record does not fit. */
  | { key: string; problems: Problem[] };

/**
 * Reads what a call answered that fits its schema.
 *
 * @param checkRecord what is wrong with a record
 * @returns a result for each write of the unit; a text instead, what is wrong with an answer that belongs to other writes
 */
export function readResults(
  unit: BatchUnit,
  key: string,
  answer: unknown,
  checkRecord: (record: unknown) => Problem[],
): WriteResult[] | string {
  const { op, isMany, inputs } = unit;
  if (!isMany) {
    const record = answer as Fields | null;
    const asked = String(inputs[0]?.key);
    return op === "remove" ? [{ key: asked }] : [{ key: String(record?.[key]), ...(record && { record }) }];
  }
  const results = answer as ({ key: string; record?: Fields } | { error: StatedError })[];
  if (results.length !== inputs.length)
    return `It answered ${results.length} results for ${inputs.length} writes; expected one for each, in their order.`;
  const seen = new Set<string>();
  for (const [index, result] of results.entries()) {
    if ("error" in result) continue;
    const asked = op === "update" || op === "remove" ? inputs[index]?.key : undefined;
    if (asked !== undefined && result.key !== asked)
      return `Its result ${index} is about another key than the write is; expected results in the order of the writes.`;
    if (seen.has(result.key))
      return `Its result ${index} is about a key that an earlier one is about already.`;
    seen.add(result.key);
  }
  return results.map((result): WriteResult => {
    if ("error" in result || result.record === undefined) return result;
    const problems = checkRecord(result.record);
    return problems.length > 0 ? { key: result.key, problems } : result;
  });
}
