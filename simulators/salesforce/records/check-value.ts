import { jsonError, SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import type { Field, Value } from "../schema/field.ts";
import { isId, longId } from "./ids.ts";

/** A value as it is kept, of one as a client sends it. An empty text is none. @throws SalesforceError */
export function checkValue(org: Org, field: Field, value: unknown): Value {
  if (value === null || value === undefined || value === "") return field.type === "boolean" ? false : null;
  switch (field.type) {
    case "boolean":
      if (typeof value === "boolean") return value;
      throw cannotRead("boolean", value);
    case "int":
    case "double":
    case "currency":
    case "percent":
      return checkNumber(field, value);
    case "date":
      if (typeof value === "string" && isDay(value)) return value.slice(0, 10);
      throw cannotRead("date", value);
    case "datetime":
      return checkTime(value);
    case "reference":
    case "id":
      return checkReference(org, field, value);
    default:
      return checkText(field, value);
  }
}

function checkNumber({ type }: Field, value: unknown): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number))
    throw cannotRead(type === "int" ? "int" : "double", value);
  return type === "int" ? Math.trunc(number) : number;
}

const isDay = (value: string): boolean =>
  /^\d{4}-\d{2}-\d{2}(T|$)/.test(value) && !Number.isNaN(Date.parse(value.slice(0, 10)));

function checkTime(value: unknown): string {
  const ms =
    typeof value === "string" ? Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, "$1:$2")) : Number.NaN;
  if (Number.isNaN(ms)) throw cannotRead("datetime", value);
  return new Date(ms).toISOString();
}

function checkReference(org: Org, { label, name, referenceTo }: Field, value: unknown): string {
  if (typeof value !== "string" || !isId(value))
    throw new SalesforceError(400, "MALFORMED_ID", `${label}: id value of incorrect type: ${String(value)}`, [
      name,
    ]);
  const id = longId(value);
  const target = referenceTo === undefined ? undefined : org.table(org.object(referenceTo)).get(id);
  if (target && !target.IsDeleted) return id;
  throw new SalesforceError(400, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []);
}

function checkText({ label, name, type, length }: Field, value: unknown): string {
  if (typeof value === "object") throw cannotRead("string", value);
  const text = String(value);
  if (length > 0 && text.length > length)
    throw new SalesforceError(
      400,
      "STRING_TOO_LONG",
      `${label}: data value too large: ${text.slice(0, 255)} (max length=${length})`,
      [name],
    );
  if (type === "email" && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
    throw new SalesforceError(400, "INVALID_EMAIL_ADDRESS", `${label}: invalid email address: ${text}`, [
      name,
    ]);
  return text;
}

const cannotRead = (type: string, value: unknown) =>
  jsonError(
    `Cannot deserialize instance of ${type} from ${kindOf(value)} value ${String(value)} or request may be missing a required field at [line:1, column:2]`,
  );

function kindOf(value: unknown): string {
  if (typeof value === "string") return "VALUE_STRING";
  if (typeof value === "number") return Number.isInteger(value) ? "VALUE_NUMBER_INT" : "VALUE_NUMBER_FLOAT";
  if (typeof value === "boolean") return value ? "VALUE_TRUE" : "VALUE_FALSE";
  return Array.isArray(value) ? "START_ARRAY" : "START_OBJECT";
}
