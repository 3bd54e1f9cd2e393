import { InvalidInputError } from "@plugboard/plugin-sdk";

// Queries put together of values that somebody else has written: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl
// Whatever stands in a value, it stays one value; what is no name never gets into a query.

/** Text; a day or a time, which SOQL does not quote; or a list, for `in` and `not-in`. */
export type SoqlValue = Scalar | readonly Scalar[];
type Scalar = string | number | boolean | null | { date: string } | { datetime: string };

export const operators = {
  equals: "=",
  "not-equals": "!=",
  less: "<",
  "at-most": "<=",
  greater: ">",
  "at-least": ">=",
  in: "IN",
  "not-in": "NOT IN",
  contains: "LIKE",
  "starts-with": "LIKE",
} as const;
export type Operator = keyof typeof operators;

export interface Condition {
  /** A field's API name, also of a related record: `Owner.Name`. */
  field: string;
  operator: Operator;
  value: SoqlValue;
}

/** One condition as SOQL. @throws InvalidInputError */
export function condition({ field, operator, value }: Condition): string {
  const left = `${path(field)} ${operators[operator]}`;
  if (operator === "in" || operator === "not-in") {
    if (!Array.isArray(value) || value.length === 0)
      throw new InvalidInputError(`${operator} takes a list of at least one value.`);
    return `${left} (${value.map(scalar).join(",")})`;
  }
  if (Array.isArray(value)) throw new InvalidInputError(`${operator} takes one value, and not a list.`);
  if (operator === "contains" || operator === "starts-with") {
    if (typeof value !== "string") throw new InvalidInputError(`${operator} takes a text.`);
    return `${left} '${operator === "contains" ? "%" : ""}${pattern(value)}%'`;
  }
  return `${left} ${scalar(value as Scalar)}`;
}

/** The name of an object or a field, which cannot be quoted. @throws InvalidInputError */
export function name(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9_]{0,79}$/.test(text)) return text;
  throw new InvalidInputError(`${JSON.stringify(text)} is no name of an object or a field.`);
}

/** A field, also of a related record. @throws InvalidInputError */
export function path(text: string): string {
  return text.split(".").map(name).join(".");
}

/** A text as SOQL writes it. */
export function text(value: string): string {
  return `'${escaped(value)}'`;
}

/** A time as SOQL writes it, of ISO 8601. @throws InvalidInputError */
export function datetime(value: string): string {
  const ms = Date.parse(value);
  if (Number.isNaN(ms)) throw new InvalidInputError(`${JSON.stringify(value)} is no time.`);
  return new Date(ms).toISOString();
}

function scalar(value: Scalar): string {
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    if (!Number.isFinite(value)) throw new InvalidInputError("A number in a condition must be finite.");
    return decimal(value);
  }
  if ("datetime" in value) return datetime(value.datetime);
  if (/^\d{4}-\d{2}-\d{2}$/.test(value.date)) return value.date;
  throw new InvalidInputError(`${JSON.stringify(value.date)} is no day; expected one such as 2026-11-30.`);
}

/** SOQL knows no exponents: 1.5e-7 is 0.00000015. */
function decimal(value: number): string {
  const [mantissa = "", exponent] = String(Math.abs(value)).split("e");
  const sign = value < 0 ? "-" : "";
  if (exponent === undefined) return sign + mantissa;
  const [whole = "", fraction = ""] = mantissa.split(".");
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  return point > 0 ? `${sign}${digits.padEnd(point, "0")}` : `${sign}0.${"0".repeat(-point)}${digits}`;
}

const escapes: { [character: string]: string } = {
  "\\": "\\\\",
  "'": "\\'",
  '"': '\\"',
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\b": "\\b",
  "\f": "\\f",
};

function escaped(value: string): string {
  return value.replace(/[\\'"\n\r\t\b\f]/g, (character) => escapes[character] ?? "");
}

/** In a LIKE, where % and _ stand for something else than themselves. */
function pattern(value: string): string {
  return escaped(value).replace(/[%_]/g, "\\$&");
}
