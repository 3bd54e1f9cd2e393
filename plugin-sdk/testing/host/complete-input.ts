import type { Json } from "../../author/index.ts";
import type { OfferTarget } from "../../manifest/index.ts";

/** What a host hands over where its caller says nothing, so that on an author's machine it need not be said either. */
export function completeInput({ kind, name }: OfferTarget, input: Json, newKey: () => string): Json {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return input;
  if (kind === "trigger") return { cursor: null, config: {}, startAt: "beginning", ...input };
  if (kind !== "entity") return input;
  const operation = name.slice(name.lastIndexOf(".") + 1);
  if (operation === "list") return { cursor: null, limit: 100, filter: {}, updatedSince: null, ...input };
  if (operation === "changesSince") return { cursor: null, limit: 100, ...input };
  const isWrite = operation === "create" || operation === "update" || operation === "upsert";
  return isWrite ? { idempotencyKey: newKey(), ...input } : input;
}
