import { invalidRequest } from "../errors.ts";
import type { ParamKind, Params, ParamTable, ParamValue } from "./kinds.ts";
import type { RawParams, RawValue } from "./raw.ts";

/** Stripe's limits on metadata: https://docs.stripe.com/api/metadata */
const metadataLimits = { entries: 50, keyLength: 40, valueLength: 500 };

/**
 * Checks parameters against their table, as Stripe does before it starts on a request.
 *
 * @throws {StripeApiError} 400 with Stripe's code and the parameter's name
 */
export function checkParams(raw: RawParams, table: ParamTable, required: readonly string[] = []): Params {
  const missing = required.find((name) => raw[name] === undefined || raw[name] === "");
  if (missing !== undefined && Object.hasOwn(table, missing))
    throw invalidRequest(400, "parameter_missing", `Missing required param: ${missing}.`, missing);
  return checkFields(raw, table, "");
}

function checkFields(raw: RawParams, table: ParamTable, parent: string): Params {
  const nameOf = (name: string) => (parent ? `${parent}[${name}]` : name);
  const unknown = Object.keys(raw).filter((name) => !Object.hasOwn(table, name));
  if (unknown.length > 0) {
    const names = unknown.map(nameOf).join(", ");
    throw invalidRequest(
      400,
      "parameter_unknown",
      `Received unknown parameter${unknown.length > 1 ? "s" : ""}: ${names}`,
      nameOf(unknown[0] ?? ""),
    );
  }
  const checked: Params = {};
  for (const [name, value] of Object.entries(raw)) {
    const kind = table[name];
    if (kind) checked[name] = checkValue(value, kind, nameOf(name));
  }
  return checked;
}

function checkValue(raw: RawValue, kind: ParamKind, param: string): ParamValue {
  if (raw === "") return null;
  switch (kind.kind) {
    case "text":
      return textValue(raw, param, kind.maxLength);
    case "email":
      return emailValue(textValue(raw, param, 512), param);
    case "integer":
      return integerValue(textValue(raw, param, 32), param, kind);
    case "decimal":
      return decimalValue(textValue(raw, param, 32), param);
    case "currency":
      return currencyValue(textValue(raw, param, 32), param);
    case "either":
      if (kind.hash && typeof raw === "object") return checkFields(asHash(raw, param), kind.hash, param);
      if (kind.choice && typeof raw === "string" && kind.choice.includes(raw)) return raw;
      return checkValue(raw, kind.else, param);
    case "boolean":
      return booleanValue(textValue(raw, param, 8), param);
    case "choice":
      return choiceValue(textValue(raw, param, 64), param, kind.values);
    case "metadata":
      return metadataValue(raw, param);
    case "list":
      return listValue(raw, param, kind.of);
    case "hash":
      return hashValue(raw, param, kind.fields, kind.required ?? []);
  }
}

function textValue(raw: RawValue, param: string, maxLength: number): string {
  if (typeof raw !== "string")
    throw invalidRequest(400, "parameter_invalid_string", `Invalid string: ${JSON.stringify(raw)}`, param);
  if (raw.length > maxLength)
    throw invalidRequest(
      400,
      "parameter_invalid_string",
      `Invalid string: ${raw.slice(0, 10)}...; must be at most ${maxLength} characters`,
      param,
    );
  return raw;
}

function emailValue(value: string, param: string): string {
  if (!/^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(value))
    throw invalidRequest(400, "email_invalid", `Invalid email address: ${value}`, param);
  return value;
}

function integerValue(value: string, param: string, range: { min?: number; max?: number }): number {
  const refuse = (message: string) => invalidRequest(400, "parameter_invalid_integer", message, param);
  if (!/^-?\d{1,15}$/.test(value)) throw refuse(`Invalid integer: ${value}`);
  const number = Number(value);
  if (range.min !== undefined && number < range.min)
    throw refuse(`This value must be greater than or equal to ${range.min} (it currently is '${value}').`);
  if (range.max !== undefined && number > range.max)
    throw refuse(`This value must be less than or equal to ${range.max} (it currently is '${value}').`);
  return number;
}

/** Kept as text: Stripe's decimals have up to twelve places. */
function decimalValue(value: string, param: string): string {
  if (/^-?\d{1,15}(\.\d{1,12})?$/.test(value)) return value;
  throw invalidRequest(400, "parameter_invalid_decimal", `Invalid decimal: ${value}`, param);
}

function currencyValue(value: string, param: string): string {
  if (/^[a-z]{3}$/i.test(value)) return value.toLowerCase();
  throw invalidRequest(
    400,
    "parameter_invalid_string",
    `Invalid currency: ${value}. Stripe supports the currencies of https://stripe.com/docs/currencies, by their three letters.`,
    param,
  );
}

function booleanValue(value: string, param: string): boolean {
  if (value === "true" || value === "false") return value === "true";
  throw invalidRequest(400, "parameter_invalid_boolean", `Invalid boolean: ${value}`, param);
}

function choiceValue(value: string, param: string, values: readonly string[]): string {
  if (values.includes(value)) return value;
  throw invalidRequest(
    400,
    "parameter_invalid_enum",
    `Invalid ${param}: must be one of ${values.join(", ")}`,
    param,
  );
}

function listValue(raw: RawValue, param: string, of: ParamKind): ParamValue[] {
  if (!Array.isArray(raw)) throw invalidRequest(400, "parameter_invalid_array", "Invalid array", param);
  return raw.map((entry, index) => checkValue(entry, of, `${param}[${index}]`));
}

function hashValue(raw: RawValue, param: string, fields: ParamTable, required: readonly string[]): Params {
  const given = asHash(raw, param);
  const missing = required.find((name) => given[name] === undefined || given[name] === "");
  if (missing !== undefined)
    throw invalidRequest(
      400,
      "parameter_missing",
      `Missing required param: ${param}[${missing}].`,
      `${param}[${missing}]`,
    );
  return checkFields(given, fields, param);
}

/** A value of `null` removes its key (https://docs.stripe.com/api/metadata). */
function metadataValue(raw: RawValue, param: string): Params {
  const given = Object.entries(asHash(raw, param));
  const refuse = (message: string, key: string) =>
    invalidRequest(400, "parameter_invalid_string", message, `${param}[${key}]`);
  if (given.length > metadataLimits.entries)
    throw invalidRequest(
      400,
      "parameter_invalid",
      `You can only set ${metadataLimits.entries} metadata keys`,
      param,
    );
  const checked: Params = {};
  for (const [key, value] of given) {
    if (key.length > metadataLimits.keyLength)
      throw refuse(`Metadata keys must be at most ${metadataLimits.keyLength} characters`, key);
    if (typeof value !== "string") throw refuse("Metadata values must be strings", key);
    if (value.length > metadataLimits.valueLength)
      throw refuse(`Metadata values must be at most ${metadataLimits.valueLength} characters`, key);
    checked[key] = value === "" ? null : value;
  }
  return checked;
}

function asHash(raw: RawValue, param: string): RawParams {
  if (typeof raw === "string" || Array.isArray(raw))
    throw invalidRequest(400, "parameter_invalid_hash", "Invalid hash", param);
  return raw;
}
