import assert from "node:assert/strict";
import { test } from "node:test";
import { action, definePlugin, entity, entityActions, pageInput, pageOf, Type } from "@plugboard/plugin-sdk";
import type { Json } from "../../author/index.ts";
import { createTestHost } from "../../testing/index.ts";
import { createAuthor, manifestWith } from "../cli/author.ts";

const schema = Type.Object({ sku: Type.String(), name: Type.String(), changed: Type.String() });

const code = `
import { definePlugin, entity, entityActions, Type } from "@plugboard/plugin-sdk";
const told = { sku: "1", changed: "2026-01-01T00:00:00Z" };
const answer = ({ fetch, signal, log, connection, ...given }) => ({ ...told, name: JSON.stringify(given) });
const Item = Type.Object({ sku: Type.String(), name: Type.String(), changed: Type.String() });
const item = entity({
  title: "Item", schema: Item, key: "sku", updatedAt: "changed",
  input: Type.Object({ name: Type.String(), size: Type.Optional(Type.Integer()) }),
  filter: Type.Object({ name: Type.Optional(Type.String()) }),
  list(context) { return { items: [this.get(context)], nextCursor: null }; },
  get: answer, create: answer, update: answer, upsert: answer, remove: () => "gone",
});
const entry = entity({ title: "Entry", schema: Item, key: "sku", get: answer });
const loose = Type.Object({ sku: Type.Optional(Type.String()) });
const nothing = entity({ title: "Nothing", schema: loose, key: "sku", get() {} });
export default definePlugin({
  entities: { item, entry },
  actions: {
    ...entityActions("used-item", item, { defaultLimit: 5, maxLimit: 20, key: Type.String({ pattern: "^[0-9]+$" }) }),
    ...entityActions("entry", entry, { plural: "entries" }),
    ...entityActions("nothing", nothing),
  },
});
`;

test("the operations of an entity are actions as well", async (t) => {
  const author = await createAuthor(t);
  const network = [{ hosts: ["api.example.com"], methods: ["GET", "POST"], reason: "Reach the items" }];
  await author.write({ "plugin.json": manifestWith({ permissions: { network } }), "index.ts": code });
  const host = await createTestHost({ directory: author.folder });
  t.after(() => host.close());

  /** What the operation was handed, besides the capabilities and the key of the call. */
  async function handed(name: string, input: Json): Promise<object> {
    const answer = (await host.run(name, input)) as { name?: string; items?: { name: string }[] };
    const { idempotencyKey, ...given } = JSON.parse(answer.items?.[0]?.name ?? answer.name ?? "{}");
    assert.match(idempotencyKey, /./);
    return given;
  }

  assert.deepEqual(await handed("list-used-items", {}), {
    cursor: null,
    limit: 5,
    filter: {},
    updatedSince: null,
  });
  const page = { cursor: "a", limit: 20, updatedSince: "2026-01-01T00:00:00Z" };
  assert.deepEqual(await handed("list-used-items", { ...page, name: "x" }), {
    ...page,
    filter: { name: "x" },
  });
  await assert.rejects(
    host.run("list-used-items", { limit: 21, size: 1 }),
    /\/limit.*\/size|\/size.*\/limit/,
  );
  assert.deepEqual(await handed("get-used-item", { sku: "7" }), { key: "7" });
  await assert.rejects(host.run("get-used-item", { sku: "seven" }), /input does not fit its schema: \/sku/);
  assert.deepEqual(await handed("create-used-item", { name: "x" }), { record: { name: "x" } });
  await assert.rejects(host.run("create-used-item", { size: 1 }), /\/name/);
  assert.deepEqual(await handed("update-used-item", { sku: "7", changes: { size: 1 } }), {
    key: "7",
    changes: { size: 1 },
  });
  assert.deepEqual(await handed("upsert-used-item", { key: "own", record: { name: "x" } }), {
    key: "own",
    record: { name: "x" },
  });
  assert.deepEqual(await host.run("delete-used-item", { sku: "7" }), {});
  assert.deepEqual(await handed("get-entry", { sku: "any/key" }), { key: "any/key" });
  await assert.rejects(host.run("list-entries", {}), /has no action "list-entries"/);
  await assert.rejects(host.run("get-nothing", { sku: "1" }), /output does not fit its schema/);
});

test("an action has a title as a person would write it, and the types that the plugin wants", () => {
  const get = () => ({ sku: "1", name: "x", changed: "x" });
  const item = entity({
    title: "Item",
    schema,
    key: "sku",
    list: () => ({ items: [], nextCursor: null }),
    get,
  });
  const title = (name: string) => entityActions(name, item)[`get-${name}`]?.title;
  assert.deepEqual(["inventory-item", "user", "unit", "upload", "customer"].map(title), [
    "Get an inventory item",
    "Get a user",
    "Get a unit",
    "Get an upload",
    "Get a customer",
  ]);
  const { actions } = definePlugin({ actions: entityActions("item", item, { maxLimit: 50 }) });
  assert.deepEqual(Object.keys(actions), ["list-items", "get-item"]);
  const { limit } = pageInput({ maxLimit: 50 });
  assert.deepEqual(limit, { type: "integer", minimum: 1, maximum: 50, default: 50 });
  action({
    title: "x",
    input: Type.Object({ of: Type.String(), ...pageInput() }),
    output: pageOf(schema),
    run: ({ input: { of, limit = 100, cursor = null } }) => ({
      items: [{ sku: of, name: String(limit), changed: cursor ?? "" }],
      nextCursor: null,
    }),
  });
  // @ts-expect-error: it is made of an entity
  void (() => entityActions("item", { title: "x" }));
});

test("a field that would stand twice in an input is refused as the code loads", () => {
  const filter = Type.Object({ limit: Type.Optional(Type.Integer()) });
  const list = () => ({ items: [], nextCursor: null });
  const byLimit = entity({ title: "Item", schema, key: "sku", filter, list });
  assert.throws(() => entityActions("item", byLimit), /has a field "limit" already/);
});

test("limits and filters that cannot be as they are given are refused as the code loads", () => {
  const item = entity({ title: "Item", schema, key: "sku", list: () => ({ items: [], nextCursor: null }) });
  const refused = (made: () => unknown, why: RegExp) =>
    assert.throws(made, { name: "TypeError", message: why });
  refused(() => pageInput({ defaultLimit: 200, maxLimit: 50 }), /defaultLimit is 200; expected 1 to 50/);
  refused(() => entityActions("item", item, { defaultLimit: 1_001 }), /expected 1 to 1000/);
  refused(() => entityActions("item", item, { maxLimit: 5_000 }), /maxLimit is 5000/);
  const filter = Type.Intersect([schema, Type.Object({ open: Type.Boolean() })]);
  refused(() => entityActions("item", { ...item, filter }), /filter of an entity has to be one Type.Object/);
});
