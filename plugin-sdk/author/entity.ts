import { closeObjects } from "./closed-objects.ts";
import type { CallContext, ConfigOf, ConnectionDeclaration } from "./context.ts";
import type { PluginError } from "./plugin-error.ts";
import type { Static, TSchema } from "./type.ts";

/** A field of a record that has a name. */
type FieldOf<Schema extends TSchema> = keyof Static<Schema> & string;

/** Of fields whose schema the entity does not give, nothing is known: none can be filtered by, or written. */
type Given<Schema extends TSchema> = [TSchema] extends [Schema] ? Record<never, never> : Static<Schema>;

/**
 * A kind of record at the vendor, with whatever can be done with it. All operations are optional; what is not there is
 * not offered.
 */
export interface EntityDefinition<
  Schema extends TSchema,
  Input extends TSchema = TSchema,
  Filter extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> {
  title: string;
  description?: string;
  /** Gives `connection.config` its type. */
  connection?: ConnectionDeclaration<Config>;
  /** The record as it is read; an object schema. */
  schema: Schema;
  /** The required field of text that tells one record from another. */
  key: FieldOf<Schema>;
  /** The field that says when the record was last changed, ISO 8601. */
  updatedAt?: FieldOf<Schema>;
  /** The fields that can be written; an object schema. `update` takes any of them, none is required there. */
  input?: Input;
  /** The fields to list by; an object schema of texts, numbers and booleans, each of them optional. */
  filter?: Filter;

  /** One page. @throws PluginError */
  list?(context: ListContext<Partial<Given<Filter>>, ConfigOf<Config>>): Answer<Page<Static<Schema>>>;
  /** @throws PluginError `not-found` */
  get?(context: KeyContext<ConfigOf<Config>>): Answer<Static<Schema>>;
  /** @throws PluginError */
  create?(context: CreateContext<Given<Input>, ConfigOf<Config>>): Answer<Static<Schema>>;
  /** Changes the given fields and leaves the others. @throws PluginError `not-found` */
  update?(context: UpdateContext<Partial<Given<Input>>, ConfigOf<Config>>): Answer<Static<Schema>>;
  /** Writes the record under a key of the caller's, whether it is there or not. @throws PluginError */
  upsert?(context: UpsertContext<Given<Input>, ConfigOf<Config>>): Answer<Static<Schema>>;
  /** @throws PluginError `not-found` */
  remove?(context: KeyContext<ConfigOf<Config>>): Answer<void>;
  /** What was changed and removed since `cursor`, oldest first; null begins with everything. @throws PluginError */
  changesSince?(context: ChangesContext<ConfigOf<Config>>): Answer<Changes<Static<Schema>>>;

  /** For vendors that take many writes in one request; without it a host does one after the other. */
  batch?: EntityBatch<Static<Schema>, Given<Input>, ConfigOf<Config>>;
}

type Answer<Value> = Value | Promise<Value>;

/** What `list` is handed: which page, of which records. */
export interface ListContext<Filter, Config> extends CallContext<Config> {
  /** `nextCursor` of the page before; null for the first. */
  cursor: string | null;
  /** How many records are wanted at most; fewer may be given. From 1 to 1,000. */
  limit: number;
  filter: Filter;
  /** Only records changed since, ISO 8601; null for all. Asked for only where the entity has `updatedAt`. */
  updatedSince: string | null;
}

/** What `get` and `remove` are handed: of which record. */
export interface KeyContext<Config> extends CallContext<Config> {
  key: string;
}

/** What `create` is handed: the fields of `input`, checked. */
export interface CreateContext<Record, Config> extends CallContext<Config> {
  record: Record;
  /** The same for the same wish, however often it is tried; for the vendor's idempotency header. */
  idempotencyKey: string;
}

/** What `update` is handed: which record, and those fields of `input` that change. */
export interface UpdateContext<Changes, Config> extends KeyContext<Config> {
  changes: Changes;
  idempotencyKey: string;
}

/** What `upsert` is handed: under which key to write which fields of `input`. */
export interface UpsertContext<Record, Config> extends KeyContext<Config> {
  record: Record;
  idempotencyKey: string;
}

/** What `changesSince` is handed: since when. */
export interface ChangesContext<Config> extends CallContext<Config> {
  /** What the call before answered; null at the first. */
  cursor: string | null;
  limit: number;
}

/** One page of a list. */
export interface Page<Item> {
  items: Item[];
  /** What the next call gets as `cursor`, at most 2,048 characters; null when there is no more. */
  nextCursor: string | null;
}

/** What `changesSince` answers: what was changed and removed, oldest first. */
export interface Changes<Record> {
  changes: Change<Record>[];
  /** Where the next call goes on; also when nothing had changed. */
  cursor: string;
  /** There is more at once. */
  hasMore?: boolean;
}

/** `upsert` without a record says that it is to be read with `get`. */
export type Change<Record> = { op: "upsert"; key: string; record?: Record } | { op: "remove"; key: string };

/**
 * Many writes in one request of the vendor's. Each function stands for the operation of the same name, which the entity has
 * too, and is handed what that would be for each write. Of one batch it gets no two writes under one key.
 *
 * @example
 * batch: {
 *   most: 100,
 *   async create({ writes, fetch }) {
 *     const json = writes.map(({ record }) => record);
 *     const { results } = await requestJson<Created>(fetch, "https://api.example.com/customers/batch", { json });
 *     return results.map(({ customer, error }) =>
 *       customer ? { key: customer.id, record: customer } : { error: new PluginError("invalid-input", error) });
 *   },
 * }
 */
export interface EntityBatch<Record, Input, Config> {
  /** How many writes the vendor takes in one request, from 2 to 1,000: no more are handed over at once. */
  most: number;
  create?(context: BatchContext<CreateContext<Input, Config>, Config>): Answer<BatchResult<Record>[]>;
  update?(
    context: BatchContext<UpdateContext<Partial<Input>, Config>, Config>,
  ): Answer<BatchResult<Record>[]>;
  upsert?(context: BatchContext<UpsertContext<Input, Config>, Config>): Answer<BatchResult<Record>[]>;
  remove?(context: BatchContext<KeyContext<Config>, Config>): Answer<BatchResult<Record>[]>;
}

/** What a function of `batch` is handed: of each write, what the single operation is handed besides the capabilities. */
export interface BatchContext<Single, Config> extends CallContext<Config> {
  /** Answer one result for each, in their order. */
  writes: Omit<Single, keyof CallContext>[];
}

/**
 * What became of one write. `key` is that of the record; of `update` and `remove` the one that was asked for. An `error` says
 * that the vendor did not make the write; where that is not known, let its code be `vendor-unavailable`. What is thrown
 * instead of an answer leaves open what became of all of them, unless nothing was sent or it was refused as a whole.
 */
export type BatchResult<Record> = { key: string; record?: Record } | { error: Error };

/** An entity as the host finds it in a plugin. */
export type Entity<
  Schema extends TSchema = TSchema,
  Input extends TSchema = TSchema,
  Filter extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> = EntityDefinition<Schema, Input, Filter, Config>;

/**
 * Declares a kind of record. Records, what is written, and filters are checked by the host on both sides.
 *
 * @example
 * entity({
 *   title: "Customer",
 *   schema: Type.Object({ id: Type.String(), email: Type.String(), updated: Type.String({ format: "date-time" }) }),
 *   key: "id",
 *   updatedAt: "updated",
 *   input: Type.Object({ email: Type.String({ format: "email" }) }),
 *   filter: Type.Object({ email: Type.Optional(Type.String()) }),
 *   async list({ cursor, limit, filter, fetch }) {
 *     const url = withQuery("https://api.example.com/customers", { limit, after: cursor, ...filter });
 *     const { customers, next } = await requestJson<CustomerPage>(fetch, url);
 *     return { items: customers, nextCursor: next };
 *   },
 *   get: ({ key, fetch }) => requestJson(fetch, `https://api.example.com/customers/${encodeURIComponent(key)}`),
 *   create: ({ record, fetch, idempotencyKey }) =>
 *     requestJson(fetch, "https://api.example.com/customers", { method: "POST", json: record, idempotencyKey }),
 * })
 */
export function entity<
  Schema extends TSchema,
  Input extends TSchema = TSchema,
  Filter extends TSchema = TSchema,
  Config extends TSchema = TSchema,
>(definition: EntityDefinition<Schema, Input, Filter, Config>): Entity<Schema, Input, Filter, Config> {
  const { input, filter, batch } = definition;
  return {
    ...definition,
    ...(input && { input: closeObjects(input) }),
    ...(filter && { filter: closeObjects(filter) }),
    ...(batch && { batch: answeringData(batch) }),
  };
}

/** The same batch; errors in what it answers are plain data, as nothing else gets out of a plugin. */
function answeringData<Batch extends object>(batch: Batch): Batch {
  return Object.fromEntries(
    Object.entries(batch).map(([name, run]) => [
      name,
      typeof run !== "function"
        ? run
        : async (context: unknown) => {
            const results = await run.call(batch, context);
            return Array.isArray(results) ? results.map(toData) : results;
          },
    ]),
  ) as Batch;
}

function toData(result: Partial<{ error: unknown }> | undefined): unknown {
  if (!(result?.error instanceof Error)) return result;
  const { code, message, details, retryAfterMs } = result.error as PluginError;
  return { error: { code, message, details, retryAfterMs } };
}
