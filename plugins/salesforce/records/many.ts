import { action, type Json, Type } from "@plugboard/plugin-sdk";
import { codeOf } from "../api/errors.ts";
import { openOrg, segment } from "../api/org.ts";
import { FieldName, Fields, Id, MaybeText, ObjectName, RawRecord } from "../api/shapes.ts";
import type { WriteResult } from "../api/write-result.ts";

// Up to 200 records in one request: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm

const Results = Type.Object(
  {
    results: Type.Array(
      Type.Object({
        id: MaybeText,
        success: Type.Boolean(),
        created: Type.Boolean(),
        errors: Type.Array(
          Type.Object({ code: MaybeText, message: MaybeText, fields: Type.Array(Type.String()) }),
        ),
      }),
      { description: "In the order of the records" },
    ),
  },
  { additionalProperties: false },
);

const allOrNone = Type.Optional(
  Type.Boolean({ default: false, description: "Write none where one cannot be written" }),
);
const most = { minItems: 1, maxItems: 200 };
const Ids = Type.Array(Id, { ...most, uniqueItems: true });

export const getRecords = action({
  title: "Get several records",
  description: "Records of one object by their ids; null where there is none.",
  input: Type.Object({
    object: ObjectName,
    ids: Ids,
    fields: Type.Array(FieldName, { minItems: 1, maxItems: 200 }),
  }),
  output: Type.Object({ records: Type.Array(Type.Nullable(RawRecord)) }, { additionalProperties: false }),
  async run({ input: { object, ids, fields }, ...context }) {
    const json = { ids, fields };
    // It reads, by a POST because of its length.
    const request = { method: "POST", json, isRepeatable: true } as const;
    const records = await openOrg(context).ask<({ [field: string]: Json } | null)[]>(
      `/composite/sobjects/${segment(object)}`,
      request,
    );
    return { records };
  },
});

export const createRecords = action({
  title: "Create several records",
  description: "Up to 200 of one object. Each is written or refused by itself, unless all are to be or none.",
  input: Type.Object({ object: ObjectName, records: Type.Array(Fields, most), allOrNone }),
  output: Results,
  async run({ input: { object, records, allOrNone = false }, ...context }) {
    const json = {
      allOrNone,
      records: records.map((fields) => ({ attributes: { type: object }, ...fields })),
    };
    return told(await openOrg(context).ask("/composite/sobjects", { method: "POST", json }));
  },
});

export const updateRecords = action({
  title: "Change several records",
  description: "Up to 200 of one object. Each is written or refused by itself, unless all are to be or none.",
  input: Type.Object({
    object: ObjectName,
    records: Type.Array(Type.Object({ id: Id, fields: Fields }), most),
    allOrNone,
  }),
  output: Results,
  async run({ input: { object, records, allOrNone = false }, ...context }) {
    const written = records.map(({ id, fields }) => ({ attributes: { type: object }, ...fields, id }));
    const json = { allOrNone, records: written };
    return told(await openOrg(context).ask("/composite/sobjects", { method: "PATCH", json }));
  },
});

export const upsertRecords = action({
  title: "Write several records under external ids",
  description:
    "Up to 200 of one object, each changed or created. Twice is the same as once, so the host repeats it where an answer was lost.",
  input: Type.Object({
    object: ObjectName,
    externalIdField: FieldName,
    records: Type.Array(
      Type.Object({ value: Type.String({ minLength: 1, maxLength: 255 }), fields: Fields }),
      most,
    ),
    allOrNone,
  }),
  output: Results,
  async run({ input: { object, externalIdField, records, allOrNone = false }, ...context }) {
    const written = records.map(({ value, fields }) => ({
      attributes: { type: object },
      ...fields,
      [externalIdField]: value,
    }));
    const path = `/composite/sobjects/${segment(object)}/${segment(externalIdField)}`;
    const json = { allOrNone, records: written };
    return told(await openOrg(context).ask(path, { method: "PATCH", json, isRepeatable: true }));
  },
});

export const deleteRecords = action({
  title: "Delete several records",
  description: "Up to 200, of whatever objects. They stay in the recycle bin for 15 days.",
  input: Type.Object({ ids: Ids, allOrNone }),
  output: Results,
  async run({ input: { ids, allOrNone = false }, ...context }) {
    const query = { ids: ids.join(","), allOrNone };
    return told(await openOrg(context).ask("/composite/sobjects", { method: "DELETE", query }));
  },
});

function told(results: WriteResult[]) {
  return {
    results: results.map(({ id, success, created, errors = [] }) => ({
      id: id ?? null,
      success,
      created: created === true,
      errors: errors.map((error) => ({
        code: codeOf(error) ?? null,
        message: error.message ?? null,
        fields: error.fields ?? [],
      })),
    })),
  };
}
