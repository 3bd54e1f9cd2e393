import { notFound, SalesforceError } from "../errors.ts";
import type { Org } from "../orgs.ts";
import type { Field, Value } from "../schema/field.ts";
import type { Row, SObject } from "../schema/sobject.ts";
import { checkValue } from "./check-value.ts";
import { isId, longId } from "./ids.ts";

/** Fields as a client sends them. */
export type Given = { readonly [field: string]: unknown };

/** Who writes. */
export interface Writer {
  org: Org;
  userId: string;
}

/** @returns the new record's id @throws SalesforceError */
export function create({ org, userId }: Writer, object: SObject, given: Given): string {
  const values = readGiven(org, object, given);
  const missing = object.fields.filter(
    ({ name, isRequired }) => isRequired && (values.get(name) ?? null) === null,
  );
  if (missing.length > 0) throw requiredMissing(missing);
  const at = stamp(org);
  const row: Row = {
    ...Object.fromEntries(
      object.fields.map(({ name, standard = null }): [string, Value] => [name, standard]),
    ),
    ...Object.fromEntries(values),
    Id: "",
    IsDeleted: false,
    OwnerId: values.get("OwnerId") ?? userId,
    CreatedDate: at,
    CreatedById: userId,
    LastModifiedDate: at,
    LastModifiedById: userId,
    SystemModstamp: at,
  };
  checkUnique(org, object, row);
  lockParents(org, object, row);
  row.Id = org.newId(object.keyPrefix);
  const table = org.table(object);
  object.derive(row, table.size + 1);
  table.set(row.Id, row);
  org.tell(object, row);
  return row.Id;
}

/** @throws SalesforceError */
export function update({ org, userId }: Writer, object: SObject, id: string, given: Given): void {
  const row = lock(org, find(org, object, id));
  const values = readGiven(org, object, given);
  const emptied = object.fields.filter(({ name, isRequired }) => isRequired && values.get(name) === null);
  if (emptied.length > 0) throw requiredMissing(emptied);
  const at = stamp(org);
  const changed: Row = {
    ...row,
    ...Object.fromEntries(values),
    LastModifiedDate: at,
    LastModifiedById: userId,
  };
  changed.SystemModstamp = at;
  checkUnique(org, object, changed);
  object.derive(changed, org.table(object).size);
  org.table(object).set(row.Id, changed);
  org.tell(object, changed);
}

/** Into the recycle bin. @throws SalesforceError */
export function remove({ org, userId }: Writer, object: SObject, id: string): void {
  const row = lock(org, find(org, object, id));
  const at = stamp(org);
  const gone = {
    ...row,
    IsDeleted: true,
    LastModifiedDate: at,
    LastModifiedById: userId,
    SystemModstamp: at,
  };
  org.table(object).set(row.Id, gone);
}

/** Changes the record that has this external id, or creates it. @throws SalesforceError */
export function upsert(
  writer: Writer,
  object: SObject,
  fieldName: string,
  value: unknown,
  given: Given,
): { id: string; created: boolean } {
  const field = object.field(fieldName);
  if (!field || !(field.isExternalId || field.type === "id"))
    throw notFound(`Provided external ID field does not exist or is not accessible: ${fieldName}`);
  const { [field.name]: _, ...rest } = given;
  if (field.type === "id") {
    const id = String(value ?? "");
    if (id === "") return { id: create(writer, object, rest), created: true };
    update(writer, object, id, rest);
    return { id: longId(id), created: false };
  }
  if (value === null || value === undefined || value === "")
    throw new SalesforceError(400, "MISSING_ARGUMENT", `${field.name} not specified`, []);
  const [found, second] = byExternalId(writer.org, object, field, value);
  if (second)
    throw new SalesforceError(
      300,
      "DUPLICATE_EXTERNAL_ID",
      `${field.name}: more than one record found for external id field`,
      [],
    );
  if (!found) return { id: create(writer, object, { ...rest, [field.name]: value }), created: true };
  update(writer, object, found.Id, rest);
  return { id: found.Id, created: false };
}

export function byExternalId({ table }: Org, object: SObject, { name }: Field, value: unknown): Row[] {
  const wanted = String(value).toLowerCase();
  return [...table(object).values()].filter(
    (row) => !row.IsDeleted && String(row[name]).toLowerCase() === wanted,
  );
}

/** @throws SalesforceError NOT_FOUND, ENTITY_IS_DELETED */
export function find(org: Org, object: SObject, id: string): Row {
  const row = isId(id) ? org.table(object).get(longId(id)) : undefined;
  if (!row) throw notFound();
  if (row.IsDeleted) throw new SalesforceError(404, "ENTITY_IS_DELETED", "entity is deleted", []);
  return row;
}

/** Who writes a record that belongs to another holds that one, too. */
function lockParents(org: Org, object: SObject, row: Row): void {
  for (const { name, referenceTo } of object.fields) {
    const parent =
      referenceTo === "User" ? undefined : org.tables.get(referenceTo ?? "")?.get(String(row[name]));
    if (parent) lock(org, parent);
  }
}

/** Waits for others as long as Salesforce does, which here is not at all. @throws SalesforceError UNABLE_TO_LOCK_ROW */
function lock({ locked }: Org, row: Row): Row {
  if (!locked.has(row.Id)) return row;
  throw new SalesforceError(
    400,
    "UNABLE_TO_LOCK_ROW",
    `unable to obtain exclusive access to this record or 1 records: ${row.Id}`,
    [],
  );
}

function readGiven(org: Org, object: SObject, given: Given): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, value] of Object.entries(given)) {
    if (name === "attributes") continue;
    const field = object.field(name);
    if (!field)
      throw new SalesforceError(
        400,
        "INVALID_FIELD",
        `No such column '${name}' on sobject of type ${object.name}`,
      );
    if (!field.isWritable)
      throw new SalesforceError(
        400,
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        `Unable to create/update fields: ${field.name}. Please check the security settings of this field and verify that it is read/write for your profile or permission set.`,
        [field.name],
      );
    values.set(field.name, checkValue(org, field, value));
  }
  return values;
}

function checkUnique(org: Org, object: SObject, row: Row): void {
  for (const field of object.fields.filter(({ isUnique }) => isUnique)) {
    const value = row[field.name];
    if (value === null || value === undefined) continue;
    const other = byExternalId(org, object, field, value).find(({ Id }) => Id !== row.Id);
    if (!other) continue;
    throw new SalesforceError(
      400,
      "DUPLICATE_VALUE",
      `duplicate value found: ${field.name} duplicates value on record with id: ${other.Id.slice(0, 15)}`,
      [],
    );
  }
}

function requiredMissing(fields: readonly Field[]): SalesforceError {
  const names = fields.map(({ name }) => name);
  return new SalesforceError(
    400,
    "REQUIRED_FIELD_MISSING",
    `Required fields are missing: [${names.join(", ")}]`,
    names,
  );
}

/** Times of records are whole seconds. */
const stamp = (org: Org): string => new Date(Math.floor(org.nowMs() / 1000) * 1000).toISOString();
