import { SalesforceError } from "../errors.ts";
import { jsonOf } from "../http/read-body.ts";
import { isId, longId } from "../records/ids.ts";
import { objectOfId, recordOf } from "../records/read.ts";
import { create, find, type Given, remove, update, upsert } from "../records/write.ts";
import { type Answer, type Call, ok, type Resource } from "./resource.ts";

const mostRecords = 200;
const mostRead = 2_000;

interface Outcome {
  id?: string;
  success: boolean;
  created?: boolean;
  errors: { statusCode: string; message: string; fields: string[] }[];
}

/** Several records at once: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_composite_sobjects_collections.htm */
export const collectionResources: Resource[] = [
  {
    method: "POST",
    path: /^\/composite\/sobjects\/?$/,
    run: (call) => write(call, (given) => ({ id: create(call, objectOf(call, given), fieldsOf(given)) })),
  },
  {
    method: "PATCH",
    path: /^\/composite\/sobjects\/?$/,
    run: (call) =>
      write(call, (given) => {
        const id = String(given.id ?? given.Id ?? "");
        update(call, objectOf(call, given), id, fieldsOf(given));
        return { id: longId(id) };
      }),
  },
  {
    method: "PATCH",
    path: /^\/composite\/sobjects\/(\w+)\/(\w+)\/?$/,
    run: (call, name = "", fieldName = "") =>
      write(call, (given) => {
        const object = call.org.object(name);
        const value = Object.entries(given).find(
          ([field]) => field.toLowerCase() === fieldName.toLowerCase(),
        )?.[1];
        const fields = Object.entries(given).filter(
          ([field]) => field.toLowerCase() !== fieldName.toLowerCase(),
        );
        return upsert(call, object, fieldName, value, Object.fromEntries(fields));
      }),
  },
  {
    method: "DELETE",
    path: /^\/composite\/sobjects\/?$/,
    run(call) {
      const ids = (call.query.get("ids") ?? "").split(",").filter(Boolean);
      checkCount(ids.length, mostRecords);
      return each(call, call.query.get("allOrNone") === "true", ids, (id) => {
        const object = objectOfId(call.org, id);
        if (!object) throw new SalesforceError(400, "MALFORMED_ID", `bad id ${id}`, []);
        remove(call, object, id);
        return { id: longId(id) };
      });
    },
  },
  {
    method: "POST",
    path: /^\/composite\/sobjects\/(\w+)\/?$/,
    run(call, name) {
      const { ids, fields } = jsonOf(call.body);
      return read(call, name ?? "", ids, fields);
    },
  },
  {
    method: "GET",
    path: /^\/composite\/sobjects\/(\w+)\/?$/,
    run: (call, name) =>
      read(call, name ?? "", call.query.get("ids")?.split(","), call.query.get("fields")?.split(",")),
  },
];

function write(call: Call, one: (given: Given) => { id: string; created?: boolean }): Answer {
  const { records, allOrNone } = jsonOf(call.body);
  if (!Array.isArray(records)) throw new SalesforceError(400, "INVALID_INPUT", "records is missing");
  checkCount(records.length, mostRecords);
  return each(call, allOrNone === true, records as Given[], one);
}

function each<Item>(
  { org }: Call,
  allOrNone: boolean,
  items: readonly Item[],
  one: (item: Item) => { id: string; created?: boolean },
): Answer {
  const outcomes: Outcome[] = [];
  const halt = new Error("Not all of them could be written.");
  try {
    org.atomically(() => {
      for (const item of items) outcomes.push(outcomeOf(() => one(item)));
      if (allOrNone && outcomes.some(({ success }) => !success)) throw halt;
    });
    return ok(outcomes);
  } catch (error) {
    if (error !== halt) throw error;
    return ok(outcomes.map((outcome) => (outcome.success ? rolledBack : outcome)));
  }
}

const rolledBack: Outcome = {
  success: false,
  errors: [
    {
      statusCode: "ALL_OR_NONE_OPERATION_ROLLED_BACK",
      message:
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
      fields: [],
    },
  ],
};

function outcomeOf(work: () => { id: string; created?: boolean }): Outcome {
  try {
    return { ...work(), success: true, errors: [] };
  } catch (error) {
    if (!(error instanceof SalesforceError)) throw error;
    const errors = error.errors.map(({ errorCode, message, fields = [] }) => ({
      statusCode: errorCode === "NOT_FOUND" ? "INVALID_CROSS_REFERENCE_KEY" : errorCode,
      message: errorCode === "NOT_FOUND" ? "invalid cross reference id" : message,
      fields,
    }));
    return { success: false, errors };
  }
}

function read(call: Call, name: string, ids: unknown, fields: unknown): Answer {
  const object = call.org.object(name);
  if (!Array.isArray(ids) || !Array.isArray(fields))
    throw new SalesforceError(400, "INVALID_INPUT", "ids and fields are required");
  checkCount(ids.length, mostRead);
  const names = fields.map(String);
  return ok(
    ids.map(String).map((id) => {
      if (!isId(id)) throw new SalesforceError(400, "MALFORMED_ID", `bad id ${id}`);
      const row = call.org.table(object).get(longId(id));
      return row && !row.IsDeleted ? recordOf(object, find(call.org, object, id), call.base, names) : null;
    }),
  );
}

function objectOf({ org }: Call, given: Given) {
  const { type } = (given.attributes ?? {}) as { type?: unknown };
  if (typeof type === "string") return org.object(type);
  throw new SalesforceError(400, "INVALID_INPUT", "A record has no attributes with its type");
}

const fieldsOf = ({ id: _, Id: __, ...fields }: { readonly [field: string]: unknown }): Given => fields;

function checkCount(count: number, most: number): void {
  if (count > most)
    throw new SalesforceError(
      400,
      "EXCEEDED_ID_LIMIT",
      `record limit reached. cannot submit more than ${most} records into this call`,
    );
}
