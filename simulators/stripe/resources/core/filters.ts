import type { ParamKind } from "../../params/kinds.ts";
import { text } from "../../params/kinds.ts";
import { idOf } from "../../records/change.ts";
import type { Filter } from "./resource.ts";

const integer: ParamKind = { kind: "integer" };
const range = { gt: integer, gte: integer, lt: integer, lte: integer };

/** `customer=cus_…`: the field, or the id of what it refers to, is this. */
export function equal<Field extends string>(
  field: Field,
  kind: ParamKind = text(5000),
): Filter<{ [Name in Field]?: unknown }> {
  return {
    kind,
    fits(record, value) {
      const held = record[field];
      return (typeof held === "object" ? idOf(held as { id: string } | null) : held) === value;
    },
  };
}

/** `created=…` or `created[gte]=…`, in seconds. */
export const created: Filter<{ created: number }> = {
  kind: { kind: "either", hash: range, else: integer },
  fits: ({ created: at }, value) => within(at, value),
};

function within(at: number, value: unknown): boolean {
  if (typeof value === "number") return at === value;
  const { gt, gte, lt, lte } = (value ?? {}) as { [bound: string]: number | undefined };
  return (
    (gt === undefined || at > gt) &&
    (gte === undefined || at >= gte) &&
    (lt === undefined || at < lt) &&
    (lte === undefined || at <= lte)
  );
}
