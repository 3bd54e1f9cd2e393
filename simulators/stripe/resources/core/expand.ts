import { invalidRequest } from "../../errors.ts";
import type { ParamTable } from "../../params/kinds.ts";
import { text } from "../../params/kinds.ts";
import type { Call } from "../../records/call.ts";
import type { AnyRecord, Name } from "../../records/shapes.ts";

export const expandParams: ParamTable = { expand: { kind: "list", of: text(500) } };

/** https://docs.stripe.com/expand#how-it-works */
const maxDepth = 4;

/** What can be expanded in records of a resource. */
export interface Expandable {
  references: { readonly [field: string]: Name };
  included: { readonly [field: string]: (call: Call, record: never) => unknown };
}

/**
 * A copy of a reply with the asked properties expanded (https://docs.stripe.com/expand).
 *
 * @param paths such as `latest_charge.balance_transaction`, or `data.customer` in lists
 * @throws {StripeApiError} 400 for a property that cannot be expanded
 */
export function expand<Reply extends object>(
  call: Call,
  reply: Reply,
  paths: unknown,
  expandableOf: (object: string) => Expandable | undefined,
): Reply {
  const copy = structuredClone(reply);
  for (const path of Array.isArray(paths) ? paths.map(String) : []) {
    const fields = path.split(".");
    if (fields.filter((field) => field !== "data").length > maxDepth)
      throw refuse(`You cannot expand more than ${maxDepth} levels of a property (${path}).`);
    expandAt(copy as AnyRecord, fields, path);
  }
  return copy;

  function expandAt(record: AnyRecord, [field, ...rest]: string[], path: string): void {
    if (field === undefined) return;
    const value = record[field];
    if (Array.isArray(value)) {
      for (const item of value) expandAt(item, rest, path);
      return;
    }
    const { references, included } = expandableOf(record.object) ?? { references: {}, included: {} };
    const name = references[field];
    const include = included[field];
    if (include && value === undefined) record[field] = structuredClone(include(call, record as never));
    else if (name && typeof value === "string") record[field] = structuredClone(call.find(name, value));
    else if (!(include || name || isHash(value)) || (rest.length === 0 && !(include || name)))
      throw refuse(`This property cannot be expanded (${path}).`);
    const next = record[field];
    if (isHash(next)) expandAt(next, rest, path);
  }
}

const isHash = (value: unknown): value is AnyRecord =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const refuse = (message: string) => invalidRequest(400, "property_cannot_be_expanded", message, "expand");
