import type { Json } from "../../author/index.ts";
import type { OfferTarget } from "../../manifest/index.ts";

/** What a host hands over where its caller says nothing, so that on an author's machine it need not be said either. */
export function completeInput({ kind, name }: OfferTarget, input: Json, newKey: () => string): Json {
  if (!isObject(input)) return input;
  if (kind === "trigger" && name.endsWith(".open"))
    return { state: null, config: {}, lastClose: null, ...input };
  if (kind === "trigger" && name.endsWith(".receive")) return { state: null, config: {}, ...input };
  if (kind === "trigger") return { cursor: null, config: {}, startAt: "beginning", ...input };
  if (kind !== "entity") return input;
  const [, ...path] = name.split(".");
  const operation = path.pop();
  if (operation === "list") return { cursor: null, limit: 100, filter: {}, updatedSince: null, ...input };
  if (operation === "changesSince") return { cursor: null, limit: 100, ...input };
  const isWrite = operation === "create" || operation === "update" || operation === "upsert";
  if (!isWrite) return input;
  if (path.length === 0) return { idempotencyKey: newKey(), ...input };
  const { writes } = input;
  if (!Array.isArray(writes)) return input;
  return {
    ...input,
    writes: writes.map((one) => (isObject(one) ? { idempotencyKey: newKey(), ...one } : one)),
  };
}

const isObject = (value: Json): value is { [member: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
