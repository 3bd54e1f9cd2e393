import {
  type Entity,
  entity,
  InvalidInputError,
  type Json,
  NotFoundError,
  PluginError,
  readCursor,
  type TSchema,
  Type,
} from "@plugboard/plugin-sdk";
import { passIfDeleted } from "../api/errors.ts";
import { type OrgContext, openOrg, segment } from "../api/org.ts";
import { type QueryReply, query, type RawRecord } from "../api/query.ts";
import { Fields, MaybeTime, Text, Time } from "../api/shapes.ts";
import { condition, datetime, type SoqlValue, text } from "../api/soql.ts";
import { isoTime } from "../api/times.ts";
import { readVisible } from "../api/visible.ts";
import { failureOf } from "../api/write-result.ts";
import { mostWrites, sendRecords, sendRemovals, sendUpserts, writeEach } from "./batch.ts";
import { changesSince } from "./changes.ts";
import { customFieldsOf, externalIdOf } from "./settings.ts";

/** What this plugin knows of one of Salesforce's standard objects. Its entity, and so its actions, follow from it. */
export interface StandardObject {
  /** As Salesforce calls it: `Account`. */
  object: string;
  title: string;
  /** What can be read and written, named as at Salesforce with a small first letter. */
  fields: Schemas;
  /** What can only be read. */
  told?: Schemas;
  /** What a new record must have. */
  required: readonly string[];
  /** Fields of text that lists can be narrowed down by. */
  filters: readonly string[];
}

/** A record of any of them; the rest is in its definition. */
export interface StandardRecord {
  id: string;
  ownerId: string;
  createdDate: string;
  lastModifiedDate: string;
  systemModstamp: string;
  customFields: { [field: string]: Json };
}

type Schemas = { [name: string]: TSchema };
type Values = { [name: string]: Json };
type Config = { readonly [setting: string]: unknown };

/** `accountId` is `AccountId`. */
const apiName = (field: string): string => field.charAt(0).toUpperCase() + field.slice(1);

const common = { id: Text, ownerId: Text, createdDate: Time, lastModifiedDate: Time, systemModstamp: Time };

/** A standard object as a kind of record: listed, read, written, and kept in step. */
export function standardObject(definition: StandardObject): Entity {
  const { object, title, fields, told = {}, required, filters } = definition;
  const read = { ...common, ...fields, ...told };
  const schema = Type.Object({ ...read, customFields: Fields }, { additionalProperties: false });
  const names = Object.keys(read);
  const custom = (config: Config) => customFieldsOf(config, object);
  const select = (config: Config) => [...names.map(apiName), ...custom(config)];
  const toRecord = (raw: RawRecord, config: Config) => readRecord(read, raw, custom(config));
  const at = (key: string) => `/sobjects/${object}/${segment(idOf(key, title))}`;

  async function get(key: string, context: OrgContext) {
    const { config } = context.connection;
    const org = openOrg(context);
    const path = at(key);
    const read = (names: readonly string[]) =>
      org.ask<RawRecord>(path, { query: { fields: names.join(",") } });
    return toRecord(await readVisible(org, { object, fields: select(config), read }), config);
  }
  /** What was written, which Salesforce does not answer. Nobody is to write it again because it cannot be read. */
  async function written(id: string, context: OrgContext) {
    try {
      return await get(id, context);
    } catch (error) {
      if (!(error instanceof PluginError)) throw error;
      const message = `The ${title.toLowerCase()} ${id} was written, and could not be read: ${error.message}`;
      throw new PluginError("vendor-error", message, { details: { record: { id } } });
    }
  }
  const withType = (fields: Values) => ({ attributes: { type: object }, ...fields });

  return entity({
    title,
    description: `Fields of your own come as customFields, as far as the connection's settings name them: ${docs(object)}`,
    schema,
    key: "id",
    updatedAt: "systemModstamp",
    input: Type.Object({
      ...Object.fromEntries(
        Object.entries({ ownerId: common.ownerId, ...fields }).map(([name, one]) => [
          name,
          required.includes(name) ? one : Type.Optional(one),
        ]),
      ),
      customFields: Type.Optional(Fields),
    }),
    filter: Type.Object(Object.fromEntries(filters.map((name) => [name, Type.Optional(Text)]))),

    async list({ cursor, limit, filter, updatedSince, ...context }) {
      const { config } = context.connection;
      const conditions = Object.entries(filter as { [name: string]: SoqlValue }).map(([field, value]) =>
        condition({ field: apiName(field), operator: "equals", value }),
      );
      const order = updatedSince === null ? ["Id"] : ["SystemModstamp", "Id"];
      if (cursor !== null) conditions.push(behind(readCursor(cursor), updatedSince !== null));
      else if (updatedSince !== null) conditions.push(`SystemModstamp >= ${datetime(updatedSince)}`);
      const where = conditions.length > 0 ? ` WHERE ${conditions.join(" AND ")}` : "";
      const rest = `FROM ${object}${where} ORDER BY ${order.join(", ")} LIMIT ${limit}`;
      const org = openOrg(context);
      const read = (names: readonly string[]) => query(org, `SELECT ${names.join(", ")} ${rest}`);
      const { records, done } = await readVisible(org, { object, fields: select(config), read });
      return {
        items: records.map((one) => toRecord(one, config)),
        nextCursor: nextCursor({ records, done }, limit),
      };
    },

    get: ({ key, ...context }) => get(key, context),

    async create({ record, ...context }) {
      const json = toFields(record as Values);
      const { id } = await openOrg(context).ask<{ id: string }>(`/sobjects/${object}`, {
        method: "POST",
        json,
      });
      return written(id, context);
    },

    async update({ key, changes, ...context }) {
      await openOrg(context).ask(at(key), { method: "PATCH", json: toFields(changes as Values) });
      return written(key, context);
    },

    async upsert({ key, record, ...context }) {
      const field = externalIdOf(context.connection.config, object);
      const [outcome] = await sendUpserts(openOrg(context), object, field, [
        withType({ ...toFields(record as Values), [field]: key }),
      ]);
      if (!outcome?.success) throw failureOf(outcome ?? { success: false });
      return written(outcome.id ?? "", context);
    },

    async remove({ key, ...context }) {
      await openOrg(context).ask(at(key), { method: "DELETE" }).catch(passIfDeleted);
    },

    changesSince: (context) =>
      changesSince(object, context, {
        select: select(context.connection.config),
        read: (raw) => toRecord(raw, context.connection.config),
      }),

    batch: {
      most: mostWrites,
      create: ({ writes, ...context }) =>
        writeEach(writes, {
          prepare: ({ record }) => withType(toFields(record as Values)),
          send: (records) => sendRecords(openOrg(context), "POST", records),
        }),
      update: ({ writes, ...context }) =>
        writeEach(writes, {
          prepare: ({ key, changes }) => ({ ...withType(toFields(changes as Values)), id: idOf(key, title) }),
          send: (records) => sendRecords(openOrg(context), "PATCH", records),
          keyOf: ({ key }) => key,
        }),
      upsert({ writes, ...context }) {
        const field = externalIdOf(context.connection.config, object);
        return writeEach(writes, {
          prepare: ({ key, record }) => withType({ ...toFields(record as Values), [field]: key }),
          send: (records) => sendUpserts(openOrg(context), object, field, records),
        });
      },
      remove: ({ writes, ...context }) =>
        writeEach(writes, {
          prepare: ({ key }) => idOf(key, title),
          send: (ids) => sendRemovals(openOrg(context), ids),
          keyOf: ({ key }) => key,
        }),
    },
  }) as unknown as Entity;
}

function readRecord(fields: Schemas, raw: RawRecord, custom: readonly string[]): StandardRecord {
  const values = Object.entries(fields).map(([name, schema]): [string, unknown] => {
    const value = raw[apiName(name)] ?? null;
    return [name, schema === Time || schema === MaybeTime ? isoTime(value) : value];
  });
  const own = custom.map((name): [string, unknown] => [name, raw[name] ?? null]);
  return {
    ...Object.fromEntries(values),
    customFields: Object.fromEntries(own),
  } as unknown as StandardRecord;
}

/** @throws InvalidInputError for what is no custom field under `customFields` */
function toFields({ customFields = {}, ...fields }: Values): Values {
  const own = customFields as Values;
  const odd = Object.keys(own).find((name) => !/__(c|pc|lat__s|latitude__s|longitude__s)$/i.test(name));
  if (odd !== undefined)
    throw new InvalidInputError(`${odd} is no custom field; those end in __c.`, {
      details: { pointer: `/customFields/${odd}` },
    });
  return {
    ...Object.fromEntries(Object.entries(fields).map(([name, value]) => [apiName(name), value])),
    ...own,
  };
}

interface Behind {
  id: string;
  at?: string;
}

/** Where the page before ended: a condition, so that pages neither expire nor shift. */
function behind({ id, at }: Behind, isByTime: boolean): string {
  const after = text(String(id));
  if (!isByTime) return `Id > ${after}`;
  const time = datetime(String(at));
  return `(SystemModstamp > ${time} OR (SystemModstamp = ${time} AND Id > ${after}))`;
}

function nextCursor({ records, done }: Pick<QueryReply, "records" | "done">, limit: number): string | null {
  const last = records.at(-1);
  if (!last || (done && records.length < limit)) return null;
  return JSON.stringify({ id: last.Id, at: isoTime(last.SystemModstamp) });
}

/** @throws NotFoundError for what cannot be an id */
function idOf(key: string, title: string): string {
  if (/^[A-Za-z0-9]{15}([A-Za-z0-9]{3})?$/.test(key)) return key;
  throw new NotFoundError(
    `There is no ${title.toLowerCase()} ${JSON.stringify(key)}: an id has 15 or 18 characters.`,
  );
}

const docs = (object: string) =>
  `https://developer.salesforce.com/docs/atlas.en-us.object_reference.meta/object_reference/sforce_api_objects_${object.toLowerCase()}.htm`;
