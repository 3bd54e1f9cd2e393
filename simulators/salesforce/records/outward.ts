import type { Field, Value } from "../schema/field.ts";

/** A value as Salesforce sends it: times are `2026-11-01T09:30:00.000+0000`. */
export function outward({ type }: Pick<Field, "type">, value: Value): Value {
  return type === "datetime" && typeof value === "string" ? outwardTime(value) : value;
}

/** @param iso such as `2026-11-01T09:30:00.000Z` */
export const outwardTime = (iso: string): string => iso.replace(/Z$/, "+0000");
