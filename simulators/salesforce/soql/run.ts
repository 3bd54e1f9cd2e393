import { malformedQuery, SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import { outward } from "../records/outward.ts";
import type { Row, SObject } from "../schema/sobject.ts";
import type { Order, Query, Selected } from "./ast.ts";
import { compare, matcher } from "./matches.ts";
import { parseSoql } from "./parse.ts";
import { follow, type Place, resolve, valueAt } from "./resolve.ts";

/** A record of a result. */
export interface Found {
  attributes: { type: string; url: string };
  [field: string]: unknown;
}

export interface QueryResult {
  object: SObject;
  /** What was asked for, as columns of a table. */
  columns: string[];
  isCount: boolean;
  totalSize: number;
  records: Found[];
}

/** FIELDS() needs a LIMIT of so many at most. */
const mostWithAllFields = 200;
const mostOffset = 2_000;

/** @param base `/services/data/v66.0` @throws SalesforceError */
export function runSoql(org: Org, soql: string, { base, all }: { base: string; all: boolean }): QueryResult {
  const query = parseSoql(soql);
  const object = objectOf(org, query.from);
  const columns = columnsOf(org, object, query);
  const matches = matcher(org, object, query.where);
  const orders = query.orderBy.map((order) => ({ ...order, place: resolve(org, object, order.path) }));
  if (query.offset > mostOffset)
    throw new SalesforceError(400, "NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000");
  const rows = [...org.table(object).values()].filter((row) => (all || !row.IsDeleted) && matches(row));
  if (orders.length > 0) rows.sort((a, b) => compareRows(org, a, b, orders));
  const end = query.limit === undefined ? undefined : query.offset + query.limit;
  const wanted = rows.slice(query.offset, end);
  const isCount = query.select.some(({ kind }) => kind === "count");
  return {
    object,
    columns: columns.map(({ name }) => name),
    isCount,
    totalSize: wanted.length,
    records: isCount ? [] : wanted.map((row) => project(org, object, row, columns, base)),
  };
}

function objectOf(org: Org, name: string): SObject {
  const found = org.objects.find((one) => one.name.toLowerCase() === name.toLowerCase());
  if (found) return found;
  throw new SalesforceError(
    400,
    "INVALID_TYPE",
    `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`,
  );
}

interface Column {
  /** As it was written. */
  name: string;
  place: Place;
}

function columnsOf(org: Org, object: SObject, { select, limit }: Query): Column[] {
  const columns = select.flatMap((selected) => columnsOfOne(org, object, selected, limit));
  const names = columns.map(({ name }) => name.toLowerCase());
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new SalesforceError(400, "INVALID_FIELD", `duplicate field selected: ${twice}`);
  return columns;
}

function columnsOfOne(org: Org, object: SObject, selected: Selected, limit: number | undefined): Column[] {
  if (selected.kind === "count") return [];
  if (selected.kind === "path")
    return [{ name: selected.path.join("."), place: resolve(org, object, selected.path) }];
  if (limit === undefined || limit > mostWithAllFields)
    throw malformedQuery("The SOQL FIELDS function must have a LIMIT of at most 200");
  return object.fields
    .filter(({ name }) => selected.group === "ALL" || name.endsWith("__c") === (selected.group === "CUSTOM"))
    .map((field) => ({ name: field.name, place: { steps: [], field } }));
}

function compareRows(org: Org, a: Row, b: Row, orders: (Order & { place: Place })[]): number {
  for (const { place, descending, nullsLast } of orders) {
    const [left, right] = [valueAt(org, a, place), valueAt(org, b, place)];
    if (left === right) continue;
    if (left === null || right === null) return (left === null) === nullsLast ? 1 : -1;
    const isText = place.field.type !== "id" && place.field.type !== "reference";
    const written = (value: typeof left) =>
      typeof value === "string" && isText ? value.toLowerCase() : value;
    const order = compare(written(left), written(right));
    if (order !== 0) return descending ? -order : order;
  }
  return 0;
}

function project(org: Org, object: SObject, row: Row, columns: readonly Column[], base: string): Found {
  const found = emptyOf(object, row, base);
  for (const { place } of columns) {
    let into: Found = found;
    let isThere = true;
    for (const [depth, { by, object: next }] of place.steps.entries()) {
      const name = by.relationshipName ?? by.name;
      const related = follow(org, row, place.steps.slice(0, depth + 1));
      if (!related) {
        into[name] = null;
        isThere = false;
        break;
      }
      into[name] ??= emptyOf(next, related, base);
      into = into[name] as Found;
    }
    if (isThere) into[place.field.name] = outward(place.field, valueAt(org, row, place));
  }
  return found;
}

const emptyOf = ({ name }: SObject, { Id }: Row, base: string): Found => ({
  attributes: { type: name, url: `${base}/sobjects/${name}/${Id}` },
});
