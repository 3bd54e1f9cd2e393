import type { Org } from "../orgs.ts";
import type { SObject } from "../schema/sobject.ts";
import type { Path, Query } from "./ast.ts";
import { refuseQuery } from "./refuse.ts";

/** What the names in a query are looked up in. */
export interface Scope {
  org: Org;
  object: SObject;
  query: Query;
}

/** @throws SalesforceError INVALID_TYPE */
export function scopeOf(org: Org, query: Query): Scope {
  const name = query.from.names.join(".");
  const object = org.objects.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (object) return { org, object, query };
  throw refuseQuery(
    "INVALID_TYPE",
    query.soql,
    query.from.at,
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

/** A field that cannot be, or cannot be used so, there. */
export const invalidField = ({ query }: Scope, { at }: Pick<Path, "at">, message: string) =>
  refuseQuery("INVALID_FIELD", query.soql, at, message);
