import assert from "node:assert/strict";
import { test } from "node:test";
import { type CallTarget, type Json, openSandbox, type SandboxError } from "../index.ts";

const code = `module.exports.default = {
  entities: {
    customer: {
      title: "Customer", schema: { type: "object" }, key: "id", list({ cursor, limit, input, connection }) {
        return { title: this.title, cursor, limit, input: input ?? "none", shop: connection.config.shop };
      },
      get: ({ key }) => key, connection: { config: {} },
    },
    "a.b": { list: () => "dotted" },
    note: { batch: { most: 3, create({ writes }) { return [this.most, writes]; }, nested: { create() {} } } },
  },
  triggers: {
    polling: { title: "Rows", kind: "polling", intervalSeconds: 60, output: {}, poll() {}, dedupeKey() {}, run: ({ cursor }) => ({ cursor }) },
    webhook: { title: "Paid", kind: "webhook", events: ["payment.paid"], output: {} },
    feed: {
      title: "Said", kind: "stream", unauthorizedCodes: [4401], output: {},
      open: ({ state }) => ({ url: "wss://a.example", state }), receive: ({ messages }) => messages,
    },
  },
  webhooks: { normalize: ({ delivery }) => [{ type: delivery.type, data: delivery.body }] },
};`;

const context = { connection: { id: "con_1", config: { shop: "berlin" } } };

test("operations of entities, polls and normalize are called with their input as members of the argument", async (t) => {
  const sandbox = openSandbox({ id: "acme/offers", version: "1.0.0", code, binary: false });
  t.after(() => sandbox.close());
  const call = (kind: CallTarget["kind"], name: string, input: Json = {}): Promise<Json> =>
    sandbox.call({ tenantId: "tnt_1", target: { kind, name }, input, context, capabilities: {} });
  const codeOf = (kind: CallTarget["kind"], name: string) =>
    call(kind, name).then(
      () => "ok",
      (error: SandboxError) => error.code,
    );

  assert.deepEqual(await call("entity", "customer.list", { cursor: "c", limit: 5 }), {
    title: "Customer",
    cursor: "c",
    limit: 5,
    input: "none",
    shop: "berlin",
  });
  assert.equal(await call("entity", "customer.get", { key: "a/b" }), "a/b");
  assert.deepEqual(await call("entity", "note.batch.create", { writes: [1] }), [3, [1]]);
  assert.deepEqual(await call("trigger", "polling", { cursor: null }), { cursor: null });
  assert.deepEqual(await call("trigger", "feed.open", { state: 1 }), { url: "wss://a.example", state: 1 });
  assert.deepEqual(await call("trigger", "feed.receive", { messages: ["a"] }), ["a"]);
  assert.deepEqual(await call("webhook", "normalize", { delivery: { type: "x", body: 1 } }), [
    { type: "x", data: 1 },
  ]);

  for (const name of [
    "customer",
    "customer.",
    ".list",
    "customer.title",
    "customer.toString",
    "customer.drop",
    "a.b.list",
    "note.batch",
    "note.batch.most",
    "note.batch.toString",
    "note.batch.nested.create",
    "note.constructor.keys",
    "customer.connection.config",
    "__proto__.toString",
    "constructor.keys",
  ])
    assert.equal(await codeOf("entity", name), "plugin-unknown-target", name);
  for (const name of [
    "webhook",
    "polling.run",
    "polling.open",
    "feed",
    "feed.title",
    "constructor",
    "__proto__",
  ])
    assert.equal(await codeOf("trigger", name), "plugin-unknown-target", name);
  assert.equal(await codeOf("webhook", "toString"), "plugin-unknown-target");

  assert.deepEqual(await sandbox.describe(), {
    actions: {},
    triggers: {
      polling: { title: "Rows", kind: "polling", intervalSeconds: 60, output: {} },
      webhook: { title: "Paid", kind: "webhook", events: ["payment.paid"], output: {} },
      feed: { title: "Said", kind: "stream", unauthorizedCodes: [4401], output: {} },
    },
    entities: {
      customer: { title: "Customer", schema: { type: "object" }, key: "id", operations: ["list", "get"] },
      "a.b": { operations: ["list"] },
      note: { operations: [], batch: { most: 3, operations: ["create"] } },
    },
    webhooks: { normalize: true },
    configs: { "entities/customer": {} },
    hooks: [],
  });
});

test("a fetch, log or signal that the input names does not stand for the real one", async (t) => {
  const sandbox = openSandbox({
    id: "acme/offers",
    version: "1.0.0",
    code: `module.exports.default = { entities: { a: { get: ({ fetch, signal }) => [typeof fetch, signal.aborted] } } };`,
    binary: false,
  });
  t.after(() => sandbox.close());
  const target = { kind: "entity", name: "a.get" } as const;
  const input = { fetch: 1, signal: 2 };
  assert.deepEqual(await sandbox.call({ tenantId: "tnt_1", target, input, capabilities: {} }), [
    "function",
    false,
  ]);
});
