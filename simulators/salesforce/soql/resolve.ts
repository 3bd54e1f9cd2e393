import type { Org } from "../orgs.ts";
import type { Field, Value } from "../schema/field.ts";
import type { Row, SObject } from "../schema/sobject.ts";
import type { Path } from "./ast.ts";
import { invalidField, type Scope } from "./scope.ts";

/** A field that a query names, by way of other records or not. */
export interface Place {
  /** The references on the way, and where they lead. */
  steps: { by: Field; object: SObject }[];
  field: Field;
}

/** @throws SalesforceError INVALID_FIELD */
export function resolve(scope: Scope, path: Path): Place {
  const { org, object, query } = scope;
  const steps: Place["steps"] = [];
  let at = object;
  // A path may begin with the object's own name, or what the query calls it.
  const own = [object.name, query.alias].map((name) => name?.toLowerCase());
  const [first = "", ...rest] = path.names;
  const names = rest.length > 0 && own.includes(first.toLowerCase()) ? rest : path.names;
  for (const name of names.slice(0, -1)) {
    const by = at.relationship(name);
    if (!by?.referenceTo)
      throw invalidField(
        scope,
        path,
        `Didn't understand relationship '${name}' in field path. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
      );
    at = org.object(by.referenceTo);
    steps.push({ by, object: at });
  }
  const name = names.at(-1) ?? "";
  const field = at.field(name);
  if (field) return { steps, field };
  throw invalidField(
    scope,
    path,
    `No such column '${name}' on entity '${at.name}'. If you are attempting to use a custom field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** What a record has there; null where nothing is on the way. */
export function valueAt(org: Org, row: Row, { steps, field }: Place): Value {
  const end = follow(org, row, steps);
  return end?.[field.name] ?? null;
}

export function follow(org: Org, row: Row, steps: Place["steps"]): Row | undefined {
  let at: Row | undefined = row;
  for (const { by, object } of steps) {
    const id: Value | undefined = at?.[by.name];
    at = typeof id === "string" ? org.table(object).get(id) : undefined;
  }
  return at;
}
