import { type Action, action } from "./action.ts";
import type { ActionContext, ConfigOf } from "./context.ts";
import type { Entity } from "./entity.ts";
import { limitOf, type PageLimits, pageInput, pageOf } from "./page-schemas.ts";
import { type TSchema, Type } from "./type.ts";

/** What {@link entityActions} is to know besides the entity. */
export interface EntityActionsOptions extends PageLimits {
  /** As in `list-countries`. Default: the name with an s. */
  plural?: string;
  /** A record's key as callers give it. Default: any text of 1 to 512 characters. */
  key?: TSchema;
}

type Operation = "list" | "get" | "create" | "update" | "upsert" | "remove";
type Fields = { [field: string]: unknown };
type Schemas = { [field: string]: TSchema };

const since = { updatedSince: Type.Optional(Type.String({ format: "date-time" })) };
/** What `list` of an entity is asked for at most. */
const mostRecords = 1_000;
const anyKey = Type.String({ minLength: 1, maxLength: 512 });

/**
 * The operations of an entity as actions as well, for those who put steps together rather than keep records in step:
 * `list-countries`, `get-country`, `create-country`, `update-country`, `upsert-country` and `delete-country`, as far as the
 * entity has them. The input of a list is a page and the filters; of the others it is the record's key, under the name of
 * that field, and what is written: the fields themselves (`create`), `changes` (`update`), or `key` and `record` (`upsert`).
 *
 * @param name as in the names of the actions: `country`, `inventory-item`
 * @throws {TypeError} when a filter or the key is called as another field of such an input, when the filter is no single
 *   object schema, and when a limit is more than an entity is asked for
 * @example
 * export default definePlugin({
 *   entities: { country, "inventory-item": inventoryItem },
 *   actions: {
 *     ...entityActions("country", country, { plural: "countries" }),
 *     ...entityActions("inventory-item", inventoryItem, { maxLimit: 250 }),
 *   },
 * });
 */
export function entityActions<
  Schema extends TSchema,
  Input extends TSchema,
  Filter extends TSchema,
  Config extends TSchema,
>(
  name: string,
  entity: Entity<Schema, Input, Filter, Config>,
  { plural = `${name}s`, key = anyKey, ...limits }: EntityActionsOptions = {},
): { [name: string]: Action } {
  const { maxLimit = mostRecords } = limits;
  if (maxLimit > mostRecords)
    throw new TypeError(`maxLimit is ${maxLimit}; an entity is asked for ${mostRecords} at most.`);
  const { schema: record, key: keyField, updatedAt, filter, connection } = entity;
  const input: TSchema = entity.input ?? Type.Object({});
  const one = withArticle(inWords(name));
  const actions: { [name: string]: Action } = {};

  /** @param given what the operation is handed of the action's input, which was checked against the same schemas */
  function offer(
    operation: Operation,
    actionName: string,
    {
      given,
      ...about
    }: Pick<Action, "title" | "description" | "input" | "output"> & {
      given(input: Fields): Fields;
    },
  ): void {
    if (!entity[operation]) return;
    actions[actionName] = action({
      ...about,
      ...(connection && { connection }),
      async run({ input, ...context }: ActionContext<unknown, ConfigOf<Config>>) {
        const run = entity[operation] as (context: never) => unknown;
        const answer = await run.call(entity, { ...context, ...given(input as Fields) } as never);
        return operation === "remove" ? {} : answer;
      },
    });
  }

  offer("list", `list-${plural}`, {
    title: `List ${inWords(plural)}`,
    description: "Page by page: pass nextCursor back as cursor until it is null.",
    input: joined(pageInput(limits), updatedAt === undefined ? {} : since, optionalFields(filter)),
    output: pageOf(record),
    given({ limit = limitOf(limits), cursor = null, updatedSince = null, ...filter }) {
      return { limit, cursor, updatedSince, filter };
    },
  });
  offer("get", `get-${name}`, {
    title: `Get ${one}`,
    input: Type.Object({ [keyField]: key }),
    output: record,
    given: (fields) => ({ key: fields[keyField] }),
  });
  offer("create", `create-${name}`, {
    title: `Create ${one}`,
    input,
    output: record,
    given: (fields) => ({ record: fields }),
  });
  offer("update", `update-${name}`, {
    title: `Change ${one}`,
    description: "Changes what is given and leaves the rest.",
    input: joined({ [keyField]: key }, { changes: withoutRequired(input) }),
    output: record,
    given: ({ changes, ...fields }) => ({ key: fields[keyField], changes }),
  });
  offer("upsert", `upsert-${name}`, {
    title: `Write ${one} under a key`,
    description: "Changes the record of that key, or creates it where there is none.",
    input: Type.Object({ key: anyKey, record: input }),
    output: record,
    given: ({ key, record }) => ({ key, record }),
  });
  offer("remove", `delete-${name}`, {
    title: `Delete ${one}`,
    input: Type.Object({ [keyField]: key }),
    output: Type.Object({}),
    given: (fields) => ({ key: fields[keyField] }),
  });
  return actions;
}

const inWords = (name: string): string => name.replaceAll("-", " ");

/** A `u` as in user and unit is no vowel to the ear. */
const withArticle = (words: string): string => `${/^(?:[aeio]|u(?!s|ni))/.test(words) ? "an" : "a"} ${words}`;

/** @throws {TypeError} when two of them have a field of the same name */
function joined(...parts: Schemas[]): TSchema {
  const names = parts.flatMap(Object.keys);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined)
    throw new TypeError(`An action's input has a field "${twice}" already; give the entity's another name.`);
  return Type.Object(Object.assign({}, ...parts));
}

/** Filters are fields among others; none of them is required. @throws {TypeError} when it cannot be said which there are */
function optionalFields(filter: TSchema = Type.Object({})): Schemas {
  const { properties, allOf } = filter as { properties?: Schemas; allOf?: unknown };
  if (!properties || allOf)
    throw new TypeError(
      "The filter of an entity has to be one Type.Object() for its fields to be an action's.",
    );
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)]),
  );
}

/** As a host has it for `update`; the check of it, in the manifest, is not to be bundled into plugins. */
function withoutRequired({ required: _, ...schema }: TSchema & { required?: unknown }): TSchema {
  const { allOf } = schema as { allOf?: TSchema[] };
  return { ...schema, ...(allOf && { allOf: allOf.map(withoutRequired) }) };
}
