import { notFound } from "../errors.ts";
import { jsonOf } from "../http/read-body.ts";
import { isId } from "../records/ids.ts";
import { recordOf } from "../records/read.ts";
import { byExternalId, create, find, remove, update, upsert } from "../records/write.ts";
import { type Call, noContent, ok, type Resource } from "./resource.ts";

const row = /^\/sobjects\/(\w+)\/([A-Za-z0-9]{15,18})\/?$/;
const byField = /^\/sobjects\/(\w+)\/(\w+)\/([^/]+)$/;

/** Records one by one: https://developer.salesforce.com/docs/atlas.en-us.api_rest.meta/api_rest/resources_sobject_basic_info.htm */
export const sobjectResources: Resource[] = [
  {
    method: "POST",
    path: /^\/sobjects\/(\w+)\/?$/,
    run(call, name) {
      const id = create(call, call.org.object(name ?? ""), jsonOf(call.body));
      return { status: 201, body: { id, success: true, errors: [] } };
    },
  },
  {
    method: "GET",
    path: row,
    run(call, name, id) {
      const object = call.org.object(name ?? "");
      return ok(recordOf(object, find(call.org, object, id ?? ""), call.base, fieldsOf(call)));
    },
  },
  {
    method: "PATCH",
    path: row,
    run(call, name, id) {
      update(call, call.org.object(name ?? ""), id ?? "", jsonOf(call.body));
      return noContent;
    },
  },
  {
    method: "DELETE",
    path: row,
    run(call, name, id) {
      remove(call, call.org.object(name ?? ""), id ?? "");
      return noContent;
    },
  },
  {
    method: "GET",
    path: byField,
    run(call, name, fieldName, value) {
      const object = call.org.object(name ?? "");
      const rows = rowsBy(call, name ?? "", fieldName ?? "", value ?? "");
      const [found] = rows;
      if (!found) throw notFound();
      if (rows.length > 1)
        return { status: 300, body: rows.map(({ Id }) => `${call.base}/sobjects/${object.name}/${Id}`) };
      return ok(recordOf(object, found, call.base, fieldsOf(call)));
    },
  },
  {
    method: "PATCH",
    path: byField,
    run(call, name, fieldName, value) {
      const object = call.org.object(name ?? "");
      const rows =
        fieldName?.toLowerCase() === "id" ? [] : rowsBy(call, name ?? "", fieldName ?? "", value ?? "");
      if (rows.length > 1)
        return { status: 300, body: rows.map(({ Id }) => `${call.base}/sobjects/${object.name}/${Id}`) };
      const { id, created } = upsert(call, object, fieldName ?? "", value, jsonOf(call.body));
      return { status: created ? 201 : 200, body: { id, success: true, errors: [], created } };
    },
  },
  {
    method: "DELETE",
    path: byField,
    run(call, name, fieldName, value) {
      const [found] = rowsBy(call, name ?? "", fieldName ?? "", value ?? "");
      if (!found) throw notFound();
      remove(call, call.org.object(name ?? ""), found.Id);
      return noContent;
    },
  },
];

function rowsBy({ org }: Call, name: string, fieldName: string, value: string) {
  const object = org.object(name);
  const field = object.field(fieldName);
  if (!field || !(field.isExternalId || field.type === "id"))
    throw notFound(`Provided external ID field does not exist or is not accessible: ${fieldName}`);
  if (field.type === "id") return isId(value) ? [find(org, object, value)] : [];
  return byExternalId(org, object, field, value);
}

function fieldsOf({ query }: Call): string[] | undefined {
  const fields = query.get("fields");
  return fields === null || fields === "" ? undefined : fields.split(",").map((name) => name.trim());
}
