import type { Org } from "../orgs.ts";
import { outward } from "../records/outward.ts";
import { childrenOf } from "../schema/child-relationships.ts";
import type { Row, SObject } from "../schema/sobject.ts";
import type { Query, Selected } from "./ast.ts";
import { refuseQuery } from "./refuse.ts";
import { follow, type Place, resolve, valueAt } from "./resolve.ts";
import { findRows } from "./rows.ts";
import { invalidField, type Scope } from "./scope.ts";

/** A record of a result. */
export interface Found {
  attributes: { type: string; url: string };
  [field: string]: unknown;
}

/** One thing that is told of each record. */
export interface Column {
  /** As it was written. */
  name: string;
  tell(row: Row, into: Found): void;
}

/** FIELDS() needs a LIMIT of so many at most. */
const mostWithAllFields = 200;

export interface View {
  /** `/services/data/v66.0` */
  base: string;
  /** Also what is deleted. */
  all: boolean;
}

/** @throws SalesforceError */
export function columnsOf(scope: Scope, view: View): Column[] {
  const { query } = scope;
  const columns = query.select.flatMap((selected) => columnsOfOne(scope, selected, view));
  const names = columns.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw invalidField(scope, query.from, `duplicate field selected: ${twice}`);
  return columns;
}

const emptyOf = ({ name }: SObject, { Id }: Row, base: string): Found => ({
  attributes: { type: name, url: `${base}/sobjects/${name}/${Id}` },
});

function columnsOfOne(scope: Scope, selected: Selected, view: View): Column[] {
  const { org, object, query } = scope;
  const field = (name: string, place: Place): Column => ({
    name,
    tell: (row, into) => tellField(org, row, place, into, view.base),
  });
  switch (selected.kind) {
    case "count":
    case "aggregate":
      return [];
    case "path":
      return [field(selected.path.names.join("."), resolve(scope, selected.path))];
    case "children":
      return [children(scope, selected.query, view)];
    case "fields":
      if (query.limit === undefined || query.limit > mostWithAllFields)
        throw refuseQuery(
          "MALFORMED_QUERY",
          query.soql,
          query.from.at,
          "The SOQL FIELDS function must have a LIMIT of at most 200",
        );
      return object.fields
        .filter(
          ({ name }) => selected.group === "ALL" || name.endsWith("__c") === (selected.group === "CUSTOM"),
        )
        .map((one) => field(one.name, { steps: [], field: one }));
  }
}

function tellField(org: Org, row: Row, place: Place, record: Found, base: string): void {
  let into = record;
  for (const [depth, { by, object }] of place.steps.entries()) {
    const name = by.relationshipName ?? by.name;
    const related = follow(org, row, place.steps.slice(0, depth + 1));
    if (!related) {
      into[name] = null;
      return;
    }
    into[name] ??= emptyOf(object, related, base);
    into = into[name] as Found;
  }
  into[place.field.name] = outward(place.field, valueAt(org, row, place));
}

/** What belongs to a record, as a result of its own: `(SELECT LastName FROM Contacts)`. */
function children({ org, object, query: outer }: Scope, query: Query, view: View): Column {
  const name = query.from.names.join(".");
  const found = childrenOf(org.objects, object).find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (!found)
    throw refuseQuery(
      "INVALID_TYPE",
      outer.soql,
      query.from.at,
      `Didn't understand relationship '${name}' in FROM part of query call. If you are attempting to use a custom relationship, be sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call for the appropriate names.`,
    );
  const scope: Scope = { org, object: found.object, query };
  const columns = columnsOf(scope, view);
  return {
    name: found.name,
    tell(row, into) {
      const own = [...org.table(found.object).values()].filter((one) => one[found.field.name] === row.Id);
      const rows = findRows(scope, { all: view.all, among: own }).slice(
        query.offset,
        query.limit === undefined ? undefined : query.offset + query.limit,
      );
      const records = rows.map((one) => tellAll(found.object, one, columns, view.base));
      into[found.name] = records.length === 0 ? null : { totalSize: records.length, done: true, records };
    },
  };
}

export function tellAll(object: SObject, row: Row, columns: readonly Column[], base: string): Found {
  const record = emptyOf(object, row, base);
  for (const column of columns) column.tell(row, record);
  return record;
}
