import { action, ConflictError, NotFoundError, Type } from "@plugboard/plugin-sdk";
import { passIfDeleted } from "../api/errors.ts";
import { openOrg, segment } from "../api/org.ts";
import { query } from "../api/query.ts";
import { FieldName, Fields, Id, ObjectName, RawRecord } from "../api/shapes.ts";
import { condition, name } from "../api/soql.ts";
import { failureOf, type WriteResult } from "../api/write-result.ts";

const FieldNames = Type.Array(FieldName, { minItems: 1, maxItems: 200 });
const Written = Type.Object({ id: Type.String() }, { additionalProperties: false });

const at = (object: string, id?: string) =>
  `/sobjects/${segment(object)}${id === undefined ? "" : `/${segment(id)}`}`;

export const getRecord = action({
  title: "Get a record",
  description: "A record of any object by its id; all its fields where none are named.",
  input: Type.Object({ object: ObjectName, id: Id, fields: Type.Optional(FieldNames) }),
  output: RawRecord,
  run: ({ input: { object, id, fields }, ...context }) =>
    openOrg(context).ask(at(object, id), { query: { fields: fields?.join(",") } }),
});

export const getRecordByExternalId = action({
  title: "Get a record by an external id",
  description: "A record of any object by a field that marks it in another system.",
  input: Type.Object({
    object: ObjectName,
    externalIdField: FieldName,
    value: Type.String({ minLength: 1, maxLength: 255 }),
    fields: Type.Optional(FieldNames),
  }),
  output: RawRecord,
  async run({ input: { object, externalIdField, value, fields = ["Id"] }, ...context }) {
    // Looked for, and not read by its path: an external id may have characters that no path can carry.
    const where = condition({ field: externalIdField, operator: "equals", value });
    const soql = `SELECT ${fields.map(name).join(", ")} FROM ${name(object)} WHERE ${where} LIMIT 2`;
    const { records } = await query(openOrg(context), soql);
    const [record, second] = records;
    if (!record)
      throw new NotFoundError(`There is no ${object} whose ${externalIdField} is ${JSON.stringify(value)}.`);
    if (second) throw new ConflictError(`More than one ${object} has this ${externalIdField}.`);
    return record;
  },
});

export const createRecord = action({
  title: "Create a record",
  description: "Of any object. It is not repeated where an answer was lost; upsert-record can be.",
  input: Type.Object({ object: ObjectName, fields: Fields }),
  output: Written,
  async run({ input: { object, fields }, ...context }) {
    const { id } = await openOrg(context).ask<{ id: string }>(at(object), { method: "POST", json: fields });
    return { id };
  },
});

export const updateRecord = action({
  title: "Change a record",
  description: "Changes the given fields and leaves the others; null empties one.",
  input: Type.Object({ object: ObjectName, id: Id, fields: Fields }),
  output: Written,
  async run({ input: { object, id, fields }, ...context }) {
    await openOrg(context).ask(at(object, id), { method: "PATCH", json: fields });
    return { id };
  },
});

export const upsertRecord = action({
  title: "Write a record under an external id",
  description:
    "Changes the record whose external id this is, or creates it. Twice is the same as once, so the host repeats it where an answer was lost; created may then be false for a record that is new.",
  input: Type.Object({
    object: ObjectName,
    externalIdField: FieldName,
    value: Type.String({ minLength: 1, maxLength: 255 }),
    fields: Fields,
  }),
  output: Type.Object({ id: Type.String(), created: Type.Boolean() }, { additionalProperties: false }),
  async run({ input: { object, externalIdField, value, fields }, ...context }) {
    const record = { attributes: { type: object }, ...fields, [externalIdField]: value };
    const results = await openOrg(context).ask<WriteResult[]>(
      `/composite/sobjects/${segment(object)}/${segment(externalIdField)}`,
      { method: "PATCH", json: { allOrNone: false, records: [record] }, isRepeatable: true },
    );
    const result = results[0] ?? { success: false };
    if (!result.success) throw failureOf(result);
    return { id: result.id ?? "", created: result.created === true };
  },
});

export const deleteRecord = action({
  title: "Delete a record",
  description: "It stays in the recycle bin for 15 days.",
  input: Type.Object({ object: ObjectName, id: Id }),
  output: Written,
  async run({ input: { object, id }, ...context }) {
    await openOrg(context).ask(at(object, id), { method: "DELETE" }).catch(passIfDeleted);
    return { id };
  },
});
