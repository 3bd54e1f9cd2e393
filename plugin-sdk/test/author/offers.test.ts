// The checks of this file are made by the compiler (npm run check): each expected error that is none is an error.
import assert from "node:assert/strict";
import { it } from "node:test";
import {
  type AnyConfig,
  action,
  type Delivery,
  definePlugin,
  entity,
  NotFoundError,
  PluginError,
  RateLimitedError,
  Type,
  trigger,
} from "@plugboard/plugin-sdk";

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<_ extends true>(): void {}

const shop = { config: Type.Object({ shop: Type.String(), pageSize: Type.Optional(Type.Integer()) }) };
const Customer = Type.Object({
  id: Type.String(),
  email: Type.String(),
  updated: Type.String({ format: "date-time" }),
  seats: Type.Optional(Type.Integer()),
});
interface CustomerRecord {
  id: string;
  email: string;
  updated: string;
  seats?: number;
}
const Writable = Type.Object({ email: Type.String(), seats: Type.Optional(Type.Integer()) });
const one: CustomerRecord = { id: "1", email: "a@b.c", updated: "2026-01-01T00:00:00Z" };

it("what an entity's operations take and give is inferred from its schemas", async () => {
  const customer = entity({
    title: "Customer",
    connection: shop,
    schema: Customer,
    key: "id",
    updatedAt: "updated",
    input: Writable,
    filter: Type.Object({ email: Type.Optional(Type.String()) }),
    async list({ cursor, limit, filter, updatedSince, connection, fetch, signal }) {
      same<Equal<typeof cursor, string | null>>();
      same<Equal<typeof limit, number>>();
      same<Equal<typeof filter.email, string | undefined>>();
      same<Equal<typeof updatedSince, string | null>>();
      same<Equal<typeof connection.config.shop, string>>();
      same<Equal<typeof connection.config.pageSize, number | undefined>>();
      // @ts-expect-error: no such setting
      connection.config.shp;
      // @ts-expect-error: the settings are not for changing
      connection.config.shop = "x";
      // @ts-expect-error: no such filter
      filter.name;
      await fetch(`https://${connection.config.shop}.acme.com/?after=${cursor}`, { signal });
      return { items: [one], nextCursor: null };
    },
    get({ key }) {
      same<Equal<typeof key, string>>();
      return { ...one, id: key };
    },
    create({ record, idempotencyKey }) {
      same<Equal<typeof record, { email: string; seats?: number }>>();
      same<Equal<typeof idempotencyKey, string>>();
      // @ts-expect-error: what is written has no such field
      record.id;
      return { ...one, ...record };
    },
    async update({ key, changes }) {
      same<Equal<typeof changes.email, string | undefined>>();
      // @ts-expect-error: none of the fields must be there
      const email: string = changes.email;
      return { ...one, id: key, email };
    },
    upsert: ({ key, record }) => ({ ...one, ...record, id: key }),
    remove() {},
    changesSince({ cursor, limit }) {
      same<Equal<typeof cursor, string | null>>();
      return {
        changes: [
          { op: "upsert", key: "1", record: one },
          { op: "remove", key: "2" },
        ],
        cursor: String(limit),
      };
    },
    batch: {
      most: 200,
      create({ writes, connection, fetch }) {
        same<Equal<typeof connection.config.shop, string>>();
        same<Equal<typeof fetch, typeof globalThis.fetch>>();
        return writes.map(({ record, idempotencyKey }) => {
          same<Equal<typeof record, { email: string; seats?: number }>>();
          return { key: idempotencyKey, record: { ...one, ...record } };
        });
      },
      async update({ writes }) {
        return writes.map(({ key, changes }) => {
          same<Equal<typeof changes.email, string | undefined>>();
          return changes.email ? { key } : { error: new NotFoundError(`There is no ${key}.`) };
        });
      },
      remove: ({ writes }) => writes.map(({ key }) => ({ key })),
    },
  });
  const call = { writes: [{ key: "a", changes: {}, idempotencyKey: "k" }] };
  assert.deepEqual(
    JSON.parse(JSON.stringify(await customer.batch?.update?.(call as never))),
    [{ error: { code: "not-found", message: "There is no a." } }],
    "errors leave the sandbox as data",
  );
  assert.equal(Reflect.get(customer.input ?? {}, "additionalProperties"), false);
  assert.equal("additionalProperties" in customer.schema, false);

  // Only for the compiler.
  void [
    // @ts-expect-error: the key is a field of the schema
    () => entity({ title: "x", schema: Customer, key: "ID" }),
    // @ts-expect-error: updatedAt is a field of the schema
    () => entity({ title: "x", schema: Customer, key: "id", updatedAt: "changed" }),
    // @ts-expect-error: a record lacks a field
    () => entity({ title: "x", schema: Customer, key: "id", get: () => ({ id: "1" }) }),
    () =>
      entity({
        title: "x",
        schema: Customer,
        key: "id",
        // @ts-expect-error: the items of a page are records
        list: () => ({ items: [{ id: 1 }], nextCursor: null }),
      }),
    () =>
      entity({
        title: "x",
        schema: Customer,
        key: "id",
        // @ts-expect-error: there is no such operation
        delete() {},
      }),
    () =>
      entity({
        title: "x",
        schema: Customer,
        key: "id",
        create({ record }) {
          // @ts-expect-error: without an input nothing is known of what is written
          const email: string = record.email;
          return { ...one, email };
        },
      }),
    () =>
      entity({
        title: "x",
        schema: Customer,
        key: "id",
        batch: {
          most: 2,
          // @ts-expect-error: a result has the record's key, or an error
          remove: ({ writes }) => writes.map(() => ({ ok: true })),
        },
      }),
    () =>
      entity({
        title: "x",
        schema: Customer,
        key: "id",
        // @ts-expect-error: a change is of one of two kinds
        changesSince: () => ({ changes: [{ op: "x", key: "" }], cursor: "" }),
      }),
  ];
});

it("a trigger on a stream is given its messages one by one, text or binary, each with the state before it", async () => {
  const said = trigger({
    title: "Said",
    kind: "stream",
    config: Type.Object({ room: Type.String() }),
    connection: shop,
    output: Type.Object({ id: Type.String() }),
    dedupeKey({ id }) {
      same<Equal<typeof id, string>>();
      return id;
    },
    connect: ({ config, connection, lastClose }) => ({
      url: `wss://${connection.config.shop}.example/${config.room}/${lastClose?.code ?? "new"}`,
      send: ["hi", { base64: "AP8=" }],
    }),
    message({ message, state }) {
      if (message === "ping") return undefined;
      if (message === "leave") return { reconnect: true };
      const id = typeof message === "string" ? message : message.base64;
      return {
        items: [{ id }],
        state: [...((state as string[] | null) ?? []), id],
        send: [{ base64: "Bw==" }],
      };
    },
  });
  assert.ok(said.kind === "stream");
  const open = said.open as unknown as (context: object) => Promise<unknown>;
  const receive = said.receive as unknown as (context: object) => Promise<unknown>;
  const context = { state: null, config: { room: "den" }, connection: { config: { shop: "one" } } };
  assert.deepEqual(await open({ ...context, lastClose: { code: 4000, reason: "" } }), {
    url: "wss://one.example/den/4000",
    send: ["hi", { base64: "AP8=" }],
  });
  const messages = ["a", "ping", { base64: "AP8A" }, "leave", "not read"];
  assert.deepEqual(await receive({ ...context, messages }), {
    items: [
      { key: "a", item: { id: "a" } },
      { key: "AP8A", item: { id: "AP8A" } },
    ],
    send: [{ base64: "Bw==" }, { base64: "Bw==" }],
    state: ["a", "AP8A"],
    reconnect: true,
  });
});

it("what a trigger is asked, and what it finds, is inferred from its schemas", async () => {
  const newRow = trigger({
    title: "New row",
    kind: "polling",
    intervalSeconds: 60,
    config: Type.Object({ table: Type.String() }),
    connection: shop,
    output: Customer,
    dedupeKey(item) {
      same<Equal<typeof item, CustomerRecord>>();
      // @ts-expect-error: no such field
      item.key;
      return item.id;
    },
    async poll({ cursor, config, connection, fetch, storage, log }) {
      same<Equal<typeof cursor, string | null>>();
      same<Equal<typeof config.table, string>>();
      same<Equal<typeof connection.config.shop, string>>();
      // @ts-expect-error: no such setting
      config.sheet;
      void [fetch, storage, log];
      return { items: [one], cursor: "2", hasMore: true };
    },
  });
  assert.ok(newRow.kind === "polling");
  const poll = newRow.run as unknown as (context: object) => Promise<unknown>;
  assert.deepEqual(await poll({ config: { table: "t" } }), {
    items: [{ key: "1", item: one }],
    cursor: "2",
    hasMore: true,
  });
  const paid = trigger({ title: "Paid", kind: "webhook", events: ["payment.succeeded"], output: Customer });
  definePlugin({ triggers: { "new-row": newRow, paid } });

  // Only for the compiler.
  void [
    // @ts-expect-error: a trigger on webhooks names the events it fires on
    () => trigger({ title: "x", kind: "webhook", events: [], output: Customer }),
    () =>
      trigger({
        title: "x",
        kind: "polling",
        output: Customer,
        // @ts-expect-error: a key is text
        dedupeKey: (item) => item.seats,
        poll: () => ({ items: [], cursor: null }),
      }),
    () =>
      trigger({
        title: "x",
        kind: "polling",
        output: Customer,
        dedupeKey: (item) => item.id,
        // @ts-expect-error: a poll answers its cursor
        poll: () => ({ items: [] }),
      }),
    () =>
      trigger({
        title: "x",
        kind: "polling",
        output: Customer,
        dedupeKey: (item) => item.id,
        poll({ config }) {
          // @ts-expect-error: a trigger without a schema of settings has none
          const table: string = config.table;
          return { items: [], cursor: table };
        },
      }),
    // @ts-expect-error: a trigger is of one of two kinds
    () => trigger({ title: "x", kind: "cron", output: Customer }),
    // @ts-expect-error: one that fires on webhooks does not poll
    () => trigger({ title: "x", kind: "webhook", events: ["a"], output: Customer, poll() {} }),
  ];
});

it("normalize is handed a delivery, and answers events", () => {
  definePlugin({
    webhooks: {
      normalize({ delivery, connection, log }) {
        same<Equal<typeof delivery, Delivery>>();
        same<Equal<typeof connection.config, Readonly<AnyConfig>>>();
        log.debug("came", { type: delivery.type ?? null });
        return [{ type: "payment.succeeded", id: delivery.id ?? "", data: delivery.body ?? null }];
      },
    },
  });
  void [
    // @ts-expect-error: an event has data
    () => definePlugin({ webhooks: { normalize: () => [{ type: "payment.succeeded" }] } }),
    // @ts-expect-error: there is no such function
    () => definePlugin({ webhooks: { normalize: () => [], verify: () => true } }),
    // @ts-expect-error: an entity is made by entity()
    () => definePlugin({ entities: { customer: { title: "x" } } }),
  ];
});

it("an action that says of which connections it is has their settings typed", () => {
  const act = action({
    title: "x",
    connection: shop,
    input: Type.Object({}),
    output: Type.Unknown(),
    run({ connection }) {
      same<Equal<typeof connection.config.shop, string>>();
      // @ts-expect-error: no such setting
      return connection.config.store;
    },
  });
  definePlugin({ actions: { act } });
});

it("each class of error is a PluginError with the code that the host knows", () => {
  const error = new RateLimitedError("Too fast.", { retryAfterMs: 1_000 });
  assert.ok(error instanceof PluginError);
  assert.deepEqual([error.code, error.retryAfterMs], ["rate-limited", 1_000]);
  assert.equal(new NotFoundError("x").code, "not-found");
  // @ts-expect-error: a time is a number
  void (() => new RateLimitedError("x", { retryAfterMs: "1s" }));
});
