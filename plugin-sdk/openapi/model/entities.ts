import { camelCase, createNamer, isTakenName, kebabCase, titleOf } from "../names.ts";
import type { Notes } from "../notes.ts";
import { type ObjectShape, type Property, type Shape, toJsonSchema, unnamed } from "../schema/index.ts";
import { findPaging, type Paging } from "./paging.ts";
import type { ReadAction } from "./read-actions.ts";

/** Records that the API lists and reads one by one, in the plugin's terms. */
export interface EntityModel {
  /** `customer` */
  name: string;
  identifier: string;
  group: string;
  title: string;
  /** What the API says of a record in its lists, which reading it alone says, too; maybe by its name. */
  schema: Shape;
  record: ObjectShape;
  /** The property that tells records apart, and is written in paths. */
  key: string;
  /** The name of the path's parameter that takes the key. */
  keyInput: string;
  updatedAt: string | undefined;
  /** Where the records are in the list's answer; undefined when the answer is the list. */
  items: string | undefined;
  /** The answer may come without its list; then there are no records. */
  mayLackItems: boolean;
  paging: Paging;
  /** The property of the list's input that asks for records changed since. */
  since: string | undefined;
  /** Properties of the list's input that a filter may set. */
  filters: string[];
  filter: ObjectShape | undefined;
  input: ObjectShape | undefined;
  list: ReadAction;
  get: ReadAction;
  create: ReadAction | undefined;
  update: ReadAction | undefined;
  remove: ReadAction | undefined;
  /** The property that an answer has the record in, where it is not the answer itself. */
  envelopes: { get?: string | undefined; create?: string | undefined; update?: string | undefined };
}

const updatedNames =
  "updated_at updatedAt updated modified_at modifiedAt modified last_modified lastModified date_updated updated_time".split(
    " ",
  );
const sinceNames =
  "updated_since updatedSince updated_after updatedAfter modified_since modifiedSince since".split(" ");
const listNames = "data items results records entries values value list content objects".split(" ");
const keyNames = ["id", "uuid", "uid", "gid", "sid"];

/**
 * Finds the pattern of most APIs: a path that lists records (`GET /customers`) and one below it that reads one of them
 * (`GET /customers/{id}`), maybe with others that create, change and remove.
 */
export function findEntities(actions: ReadAction[], notes: Notes): EntityModel[] {
  const nameOnce = createNamer("-");
  const identifyOnce = createNamer("", isTakenName);
  const byCall = new Map(
    actions.map((action) => [`${action.operation.method} ${shapeOfPath(action)}`, action]),
  );
  return actions.flatMap((list): EntityModel[] => {
    if (list.operation.method !== "GET" || list.answer !== "json" || list.server) return [];
    const one = (method: string) => byCall.get(`${method} ${shapeOfPath(list)}/{}`);
    const get = one("GET");
    if (get?.answer !== "json") return [];
    const found = readList(list, get);
    if (typeof found === "string") {
      notes.add("left-out", list.operation.pointer, `${found} So it is an action and no entity.`);
      return [];
    }
    const { record, keyInput } = found;
    const name = nameOnce(kebabCase(singular(lastName(list)), "record"));
    const writes = findWrites(list, one, byCall, found);
    const since = sinceOf(list, record);
    const paging = findPaging(list, found.items);
    const used = [since, paging.limit?.input, "input" in paging ? paging.input : undefined];
    const filters = list.input.properties.filter(
      (property) => isFilter(property, record) && !used.includes(property.name),
    );
    const remove = one("DELETE");
    const envelopes = {
      get: found.envelope,
      create: writes.create && recordIn(writes.create.output, record)?.envelope,
      update: writes.update && recordIn(writes.update.output, record)?.envelope,
    };
    return [
      {
        ...found,
        ...writes,
        name,
        identifier: identifyOnce(camelCase(name, "record")),
        group: list.group,
        title: titleOf(name),
        updatedAt: updatedNames.find((wanted) => isText(propertyOf(record, wanted)?.shape)),
        paging,
        since,
        filters: filters.map((property) => property.name),
        filter: filters.length === 0 ? undefined : optionalObject(filters),
        list,
        get,
        remove: remove && isAboutKey(remove, keyInput) ? remove : undefined,
        envelopes,
      },
    ];
  });
}

interface FoundList {
  key: string;
  keyInput: string;
  record: ObjectShape;
  schema: Shape;
  items: string | undefined;
  mayLackItems: boolean;
  envelope: string | undefined;
}

/** What is known of a list of records; or a sentence that says why it is none. */
function readList(list: ReadAction, get: ReadAction): FoundList | string {
  if (
    list.path.some((part) => typeof part !== "string") ||
    list.input.properties.some(({ isOptional }) => !isOptional)
  )
    return "It lists records, and needs to be told more than a page.";
  const keyInput = get.path.find((part) => typeof part !== "string")?.input;
  if (keyInput === undefined || !isAboutKey(get, keyInput))
    return "Its records are read with more than their key.";
  const items = itemsOf(list.output);
  const listed = items && unnamed(items.shape);
  if (!items || listed?.kind !== "object") return "Its answer has no list that is surely the records.";
  const read = recordIn(get.output, listed);
  if (!read) return "What it says of a record in a list is not said of the record alone.";
  const key = [keyInput, ...keyNames].find((name) => isKey(propertyOf(listed, name)));
  if (key === undefined) return "No property of its records is surely their key.";
  const found = {
    key,
    keyInput,
    items: items.name,
    mayLackItems: items.isOptional,
    envelope: read.envelope,
  };
  if (!propertyOf(listed, key)?.isOptional) return { ...found, record: listed, schema: items.shape };
  // Many descriptions require of a record nothing that the API writes by itself; its key is always there.
  const properties = listed.properties.map((one) => (one.name === key ? { ...one, isOptional: false } : one));
  const record = { ...listed, properties };
  return { ...found, record, schema: record };
}

function itemsOf(output: Shape): { name: string | undefined; shape: Shape; isOptional: boolean } | undefined {
  const own = unnamed(output);
  if (own.kind === "array") return { name: undefined, shape: own.items, isOptional: false };
  if (own.kind !== "object") return undefined;
  const lists = own.properties.flatMap(({ name, shape, isOptional }) => {
    const list = unnamed(shape);
    return list.kind === "array" && unnamed(list.items).kind === "object"
      ? [{ name, shape: list.items, isOptional }]
      : [];
  });
  return lists.find(({ name }) => listNames.includes(name)) ?? (lists.length === 1 ? lists[0] : undefined);
}

/** The record that an answer is, or has under one name: `{ "customer": { "id": … } }`. */
function recordOf(output: Shape): { shape: ObjectShape; envelope: string | undefined } | undefined {
  const own = unnamed(output);
  if (own.kind !== "object") return undefined;
  const objects = own.properties.filter(({ shape }) => unnamed(shape).kind === "object");
  const [only] = objects;
  const inner = only && unnamed(only.shape);
  const isEnvelope = own.properties.length <= 2 && objects.length === 1;
  if (!isEnvelope || !only || inner?.kind !== "object") return { shape: own, envelope: undefined };
  return { shape: inner, envelope: only.name };
}

/** An answer that may also be something else, such as what is left of a record that was removed. */
function recordIn(output: Shape, listed: ObjectShape): ReturnType<typeof recordOf> {
  const own = unnamed(output);
  const members = own.kind === "union" ? own.members : [own];
  return members.map(recordOf).find((found) => found !== undefined && isAtLeast(found.shape, listed));
}

/** Whether whatever fits the one fits the other, too. */
function isAtLeast(one: ObjectShape, other: ObjectShape): boolean {
  return other.properties.every((wanted) => {
    const own = propertyOf(one, wanted.name);
    if (!own) return wanted.isOptional;
    return (wanted.isOptional || !own.isOptional) && isSame(own.shape, wanted.shape);
  });
}

function isSame(one: Shape, other: Shape): boolean {
  if (one === other || (one.kind === "named" && other.kind === "named" && one.component === other.component))
    return true;
  return JSON.stringify(toJsonSchema(one, false)) === JSON.stringify(toJsonSchema(other, false));
}

/** How records are created and changed, as far as the answer is a record, and what can be written. */
function findWrites(
  list: ReadAction,
  one: (method: string) => ReadAction | undefined,
  byCall: Map<string, ReadAction>,
  { record, keyInput }: FoundList,
): Pick<EntityModel, "create" | "update" | "input"> {
  const answersRecord = (action: ReadAction) => {
    return action.answer === "json" && recordIn(action.output, record) !== undefined;
  };
  const isWrite = (action: ReadAction | undefined): action is ReadAction =>
    action !== undefined && isAboutBody(action, keyInput) && answersRecord(action);
  const create = [byCall.get(`POST ${shapeOfPath(list)}`)].find(isWrite);
  const update = [one("PATCH"), one("PUT"), one("POST")].find(isWrite);
  const created = create ? bodyProperties(create) : [];
  const others = (update ? bodyProperties(update) : []).filter(
    ({ name }) => !created.some((property) => property.name === name),
  );
  const properties = [
    ...created,
    ...others.map((property) => ({ ...property, isOptional: property.isOptional || create !== undefined })),
  ];
  if (properties.length === 0) return { create: undefined, update: undefined, input: undefined };
  return { create, update, input: { kind: "object", properties, options: {} } };
}

function isAboutBody(action: ReadAction, keyInput: string): boolean {
  const { body } = action;
  if (!body || !["json", "form", "brackets"].includes(body.kind) || body.input !== undefined || action.server)
    return false;
  const ofBody = new Set(bodyProperties(action).map(({ name }) => name));
  const others = action.input.properties.filter(({ name }) => !ofBody.has(name));
  return ofBody.size > 0 && others.every(({ name, isOptional }) => isOptional || name === keyInput);
}

function bodyProperties({ input, path, query, headers }: ReadAction): Property[] {
  const others = new Set([
    ...path.flatMap((part) => (typeof part === "string" ? [] : [part.input])),
    ...[...query, ...headers].map((one) => one.input),
  ]);
  return input.properties.filter(({ name }) => !others.has(name));
}

/** What must be said for it is the key alone. */
function isAboutKey(action: ReadAction, keyInput: string): boolean {
  return (
    !action.server &&
    action.path.filter((part) => typeof part !== "string").length === 1 &&
    action.input.properties.every(({ name, isOptional }) => isOptional || name === keyInput)
  );
}

/** Asked for by a date and time in text, of records that say when they were changed. */
function sinceOf(list: ReadAction, record: ObjectShape): string | undefined {
  if (!updatedNames.some((name) => isText(propertyOf(record, name)?.shape))) return undefined;
  return sinceNames.find((name) =>
    isText(list.input.properties.find((property) => property.name === name)?.shape),
  );
}

function isFilter({ name, shape }: Property, record: ObjectShape): boolean {
  const own = unnamed(shape);
  const isPlain =
    (own.kind === "scalar" && own.type !== "null") || own.kind === "enum" || own.kind === "literal";
  return isPlain && propertyOf(record, name) !== undefined;
}

const optionalObject = (properties: Property[]): ObjectShape => ({
  kind: "object",
  properties: properties.map((property) => ({ ...property, isOptional: true })),
  options: {},
});

const propertyOf = (object: ObjectShape, name: string): Property | undefined =>
  object.properties.find((property) => property.name === name);

const isText = (shape: Shape | undefined): boolean => shape?.kind === "scalar" && shape.type === "string";

function isKey(property: Property | undefined): boolean {
  const shape = property?.shape;
  return shape?.kind === "scalar" && (shape.type === "string" || shape.type === "integer");
}

const shapeOfPath = (action: ReadAction): string =>
  action.operation.path.replace(/\{[^{}]*\}/g, "{}").replace(/\/$/, "");

function lastName({ operation }: ReadAction): string {
  const names = operation.path.split("/").filter((part) => part !== "" && !part.includes("{"));
  return (names.at(-1) ?? operation.group).replace(/\.json$/, "");
}

function singular(name: string): string {
  if (/ies$/i.test(name)) return name.replace(/ies$/i, "y");
  if (/(?:ss|us|is)$/i.test(name)) return name;
  return name.replace(/(?<=(?:s|x|ch|sh))es$|s$/i, "");
}
