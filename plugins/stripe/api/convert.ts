import type { FormValue } from "@plugboard/plugin-sdk";

/** What of a JSON Schema says how a value is written at Stripe. */
interface Shape {
  type?: string | string[];
  format?: string;
  properties?: { [name: string]: Shape };
  required?: string[];
  items?: Shape;
}

/** Where a field stands at Stripe, if not under its own name: `{ finalizedAt: "status_transitions.finalized_at" }`. */
export interface Places {
  readonly [field: string]: string;
}

type Fields = { [name: string]: unknown };

/**
 * A record as this plugin writes it, of one as Stripe does: names like `unitAmount`, times in ISO 8601, ids where Stripe
 * has the whole record, lists without their wrapping. What Stripe does not send is null, or left out where it is optional.
 */
export function readRecord(schema: object, record: object, places: Places = {}): Fields {
  const { properties = {}, required = [] } = schema as Shape;
  const fields = Object.entries(properties).map(([name, shape]): [string, unknown] => [
    name,
    read(shape, valueAt(record, places[name] ?? stripeName(name))),
  ]);
  return Object.fromEntries(fields.filter(([name, value]) => value !== null || required.includes(name)));
}

function read(shape: Shape, value: unknown): unknown {
  const isOf = (type: string) => [shape.type].flat().includes(type);
  if (value === undefined || value === null) return isOf("array") && !isOf("null") ? [] : null;
  if (isOf("string")) {
    if (shape.format === "date-time" && typeof value === "number")
      return new Date(value * 1000).toISOString();
    return typeof value === "object" ? (value as Fields).id : value;
  }
  if (isOf("array") && shape.items) {
    const { items } = shape;
    const list = Array.isArray(value) ? value : (value as { data?: unknown[] }).data;
    return (list ?? []).map((item) => read(items, item));
  }
  return isOf("object") && shape.properties ? readRecord(shape, value as object) : value;
}

/** Fields as Stripe's parameters: the other way round. Null takes a value away, and so does an empty list. */
export function writeParams(
  schema: object,
  fields: object,
  places: Places = {},
): { [name: string]: FormValue } {
  const { properties = {} } = schema as Shape;
  const params: { [name: string]: FormValue } = {};
  for (const [name, value] of Object.entries(fields)) {
    const [first = "", ...inner] = (places[name] ?? stripeName(name)).split(".");
    const written = write(properties[name] ?? {}, value);
    const placed = inner.reduceRight<FormValue>((held, place) => ({ [place]: held }), written);
    // Two fields may stand in one of Stripe's: `created[gte]` and `created[lt]`.
    const held = inner.length > 0 ? params[first] : undefined;
    params[first] = typeof held === "object" ? { ...held, ...(placed as object) } : placed;
  }
  return params;
}

function write(shape: Shape, value: unknown): FormValue {
  if (value === null || (Array.isArray(value) && value.length === 0)) return "";
  if (shape.format === "date-time" && typeof value === "string") return Math.floor(Date.parse(value) / 1000);
  if (Array.isArray(value)) return value.map((item) => write(shape.items ?? {}, item));
  if (typeof value !== "object") return value as FormValue;
  // Names under metadata are the tenant's own.
  if (!shape.properties)
    return Object.fromEntries(Object.entries(value).map(([name, held]) => [name, held === null ? "" : held]));
  return writeParams(shape, value);
}

const stripeName = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** The other way: `unit_amount` is `unitAmount`. */
export const fieldName = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

function valueAt(record: object, place: string): unknown {
  return place
    .split(".")
    .reduce<unknown>(
      (held, name) => (typeof held === "object" && held ? (held as Fields)[name] : undefined),
      record,
    );
}
