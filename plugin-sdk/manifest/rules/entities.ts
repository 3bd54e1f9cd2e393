import { inputOperations, isWriting } from "../entity-operations.ts";
import { pointerTo } from "../pointer.ts";
import type { EntityContribution, JsonSchema, Manifest, Problem } from "../types.ts";
import { canReach, canWrite } from "./reach.ts";
import { defineRule } from "./rule.ts";

/** What holds between the parts of an entity, and between its operations and what the plugin may do. */
export const entitiesRule = defineRule({
  needs: ["permissions", "contributes"],
  check({ permissions, contributes }) {
    return Object.entries(contributes?.entities ?? {}).flatMap(([name, entity]) => {
      const at = (...more: (string | number)[]) => pointerTo("contributes", "entities", name, ...more);
      return [
        ...checkKey(name, entity, at("key")),
        ...checkUpdatedAt(name, entity, at("updatedAt")),
        ...checkInput(name, entity, at("input")),
        ...checkFilter(name, entity, at("filter")),
        ...checkPermitted(name, entity, permissions, at("operations")),
        ...checkBatch(name, entity, at("batch")),
      ];
    });
  },
});

function checkKey(name: string, { key, schema }: EntityContribution, pointer: string): Problem[] {
  const refuse = (message: string) => [{ code: "entity-key-invalid", pointer, message }];
  const field = propertyOf(schema, key);
  if (!field)
    return refuse(`The key of "${name}" is ${key}, which its schema does not have; ${fieldsOf(schema)}.`);
  if (!Array.isArray(schema.required) || !schema.required.includes(key))
    return refuse(
      `The key of "${name}" is ${key}, which its schema does not require; a record always has its key.`,
    );
  if (field.type === "string" || field.type === "integer") return [];
  return refuse(
    `The key of "${name}" is ${key}, which is neither text nor a whole number; expected "type": "string".`,
  );
}

function checkUpdatedAt(name: string, { updatedAt, schema }: EntityContribution, pointer: string): Problem[] {
  if (updatedAt === undefined) return [];
  const field = propertyOf(schema, updatedAt);
  const refuse = (message: string) => [{ code: "entity-updated-at-invalid", pointer, message }];
  if (!field)
    return refuse(
      `updatedAt of "${name}" is ${updatedAt}, which its schema does not have; ${fieldsOf(schema)}.`,
    );
  if ([field.type].flat().includes("string")) return [];
  return refuse(
    `updatedAt of "${name}" is ${updatedAt}, which is no text; expected an ISO 8601 date and time.`,
  );
}

function checkInput(name: string, { input, operations }: EntityContribution, pointer: string): Problem[] {
  const writing = operations.filter((one) => inputOperations.includes(one));
  const [first] = writing;
  if (first !== undefined && !input) {
    const message = `"${name}" has ${first}, and no input; say with a schema which fields can be written.`;
    return [{ code: "entity-input-missing", pointer, message }];
  }
  if (!input || first !== undefined) return [];
  const message = `"${name}" has an input, and none of ${inputOperations.join(", ")}; remove one or add the other.`;
  return [{ code: "entity-input-unused", pointer, message }];
}

const scalars = ["string", "number", "integer", "boolean"];

/** Filters come as `?filter[email]=a@b.c`: one text for each field, and none of them must be there. */
function checkFilter(name: string, { filter, operations }: EntityContribution, pointer: string): Problem[] {
  if (!filter) return [];
  const refuse = (message: string, at = pointer) => [{ code: "entity-filter-invalid", pointer: at, message }];
  if (!operations.includes("list"))
    return refuse(`"${name}" has a filter, and no list to filter; remove it.`);
  if (Array.isArray(filter.required) && filter.required.length > 0)
    return refuse(`Filters of "${name}" are required; make each of them Type.Optional().`);
  return Object.entries(isObject(filter.properties) ? filter.properties : {}).flatMap(([field, schema]) =>
    isObject(schema) && [schema.type].flat().every((type) => scalars.includes(String(type)))
      ? []
      : refuse(
          `The filter ${field} of "${name}" is neither text, number nor boolean; expected one of these.`,
          `${pointer}/properties${pointerTo(field)}`,
        ),
  );
}

function checkPermitted(
  name: string,
  { operations }: EntityContribution,
  permissions: Manifest["permissions"],
  pointer: string,
): Problem[] {
  const writing = operations.find(isWriting);
  const refuse = (message: string) => [{ code: "operation-not-permitted", pointer, message }];
  if (!canReach(permissions))
    return refuse(
      `"${name}" has ${operations[0]}, and permissions has neither network nor storage to do it with; declare the vendor's hosts in permissions.network.`,
    );
  if (writing === undefined || canWrite(permissions)) return [];
  return refuse(
    `"${name}" has ${writing}, and permissions.network allows nothing but reading; add the method that it is done with, such as POST.`,
  );
}

/** Whoever writes one record and whoever writes many must be able to do the same. */
function checkBatch(name: string, { batch, operations }: EntityContribution, pointer: string): Problem[] {
  const alone = batch?.operations.find((one) => !operations.includes(one));
  if (alone === undefined) return [];
  const message = `The batch of "${name}" has ${alone}, and "${name}" itself has not; add the operation for a single record.`;
  return [{ code: "entity-batch-invalid", pointer: `${pointer}/operations`, message }];
}

function propertyOf(schema: JsonSchema, name: string): { [keyword: string]: unknown } | undefined {
  const { properties } = schema;
  if (!isObject(properties) || !Object.hasOwn(properties, name)) return undefined;
  const property = properties[name];
  return isObject(property) ? property : undefined;
}

function fieldsOf(schema: JsonSchema): string {
  const names = isObject(schema.properties) ? Object.keys(schema.properties) : [];
  return names.length === 0 ? "it has no properties" : `it has ${names.slice(0, 30).join(", ")}`;
}

function isObject(value: unknown): value is { [key: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
