/** How one parameter is written. Text given as `""` unsets a value, so `optional` kinds can come out as `null`. */
export type ParamKind =
  | { kind: "text"; maxLength: number }
  | { kind: "email" }
  | { kind: "integer"; min?: number; max?: number }
  | { kind: "decimal" }
  | { kind: "boolean" }
  /** Three letters, ISO 4217. */
  | { kind: "currency" }
  /** A hash, or one of these words, or something else: `created=…` and `created[gte]=…`. */
  | { kind: "either"; hash?: ParamTable; choice?: readonly string[]; else: ParamKind }
  | { kind: "choice"; values: readonly string[] }
  | { kind: "metadata" }
  | { kind: "list"; of: ParamKind }
  | { kind: "hash"; fields: ParamTable; required?: readonly string[] };

export type ParamTable = { readonly [name: string]: ParamKind };

/** A parameter that passed: numbers are numbers, and `null` says "unset". */
export type ParamValue = null | string | number | boolean | ParamValue[] | { [name: string]: ParamValue };
export type Params = { [name: string]: ParamValue };

export const text = (maxLength: number): ParamKind => ({ kind: "text", maxLength });
