import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { createTestHost, PluginFailure, type TestHost, type TestHostOptions } from "../../testing/index.ts";
import { createAuthor, manifestWith } from "../cli/author.ts";

const permissions = {
  storage: { maxBytes: 100, reason: "Remembers" },
  events: { publish: ["lamp.*"], reason: "Tells" },
  hooks: { names: ["action.afterRun", "request.before", "response.after"], reason: "Counts and masks" },
};

const code = `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
const asAction = (run) => action({ title: "x", input: Type.Object({ value: Type.Optional(Type.Unknown()) }), output: Type.Unknown(), run });
export default definePlugin({
  actions: {
    given: asAction((context) => Object.keys(context).sort()),
    keep: asAction(async ({ input, storage }) => storage.set("kept", input.value)),
    count: asAction(async ({ storage }) => {
      const held = await storage.entry("count");
      await storage.set("count", Number(held?.value ?? 0) + 1, { ifVersion: held?.version ?? null });
      return storage.get("count");
    }),
    tell: asAction(({ events }) => events.publish("lamp.on", { by: "hand" }, { dedupeKey: "1" })),
  },
  hooks: {
    async upgrade({ input, storage }) {
      await storage.set("count", 0);
      if (input.rollback) throw new Error("not back there");
    },
    async "action.afterRun"({ input, storage, ...rest }) {
      await storage.set("last", input.outcome);
      return Object.keys(rest).sort();
    },
    "request.before": ({ input: { value } }) =>
      ({ ...value, method: value.headers["x-method"] ?? value.method, headers: { ...value.headers, "x-company": "acme" } }),
    "response.after": ({ input: { value } }) =>
      value.json ? { ...value, json: { ...value.json, email: "***" }, status: value.json.status ?? value.status } : null,
  },
});
`;

async function open(t: TestContext, options: Partial<TestHostOptions> = {}): Promise<TestHost> {
  const author = await createAuthor(t);
  await author.write({ "plugin.json": manifestWith({ permissions }), "index.ts": code });
  const host = await createTestHost({ directory: author.folder, ...options });
  t.after(() => host.close());
  return host;
}

test("a plugin finds what the test has stored for it, and the test what the plugin stores", async (t) => {
  const storage = { count: 41, deep: { list: [1] } };
  const host = await open(t, { storage });
  assert.equal(await host.run("count", {}), 42);
  assert.deepEqual(host.storage, { count: 42, deep: { list: [1] } });
  Object.assign(host.storage, { count: 0 });
  assert.equal(await host.run("count", {}), 43, "what the test is shown is a copy");
  await assert.rejects(host.run("keep", { value: "x".repeat(100) }), { code: "storage-quota-exceeded" });
});

test("what the plugin publishes is there, each fact once", async (t) => {
  const host = await open(t);
  const first = await host.run("tell", {});
  assert.deepEqual(await host.run("tell", {}), first);
  assert.deepEqual(host.events, [
    { ...(first as object), type: "lamp.on", data: { by: "hand" }, dedupeKey: "1" },
  ]);
});

test("a failing upgrade hook leaves nothing behind", async (t) => {
  const host = await open(t, { storage: { count: 5 } });
  const versions = { from: "1.0.0", to: "2.0.0" };
  await assert.rejects(host.hook("upgrade", { ...versions, rollback: true }), (error: unknown) => {
    assert.ok(error instanceof PluginFailure);
    assert.match(error.message, /not back there/);
    assert.deepEqual([error.place?.file, error.place?.line], ["index.ts", 18]);
    return true;
  });
  assert.deepEqual(host.storage, { count: 5 });
  assert.equal(await host.hook("upgrade", { ...versions, rollback: false }), null);
  assert.deepEqual(host.storage, { count: 0 });
});

test("a hook has what was granted, and no vendor to call", async (t) => {
  const host = await open(t);
  const input = {
    plugin: "acme/other",
    action: "act",
    connectionId: "con_1",
    callId: "call_1",
    durationMs: 3,
  };
  const given = await host.hook("action.afterRun", { ...input, outcome: "vendor-not-found" });
  assert.deepEqual(host.storage, { last: "vendor-not-found" });
  assert.ok(Array.isArray(given));
  assert.deepEqual(
    given.filter((name) => name !== "fetch"),
    ["events", "log", "signal"],
  );
  await assert.rejects(host.hook("install", { version: "1.0.0" }), { message: /has no hook "install"/ });
});

test("what a hook makes of a request or reply is held to what a host would go on with", async (t) => {
  const host = await open(t);
  const place = { plugin: "acme/other", connectionId: "con_1" };
  const value = {
    method: "GET",
    url: "https://api.example.com/v1/people",
    headers: { accept: "text/plain" },
  };
  assert.deepEqual(await host.hook("request.before", { ...place, value }), {
    ...value,
    headers: { accept: "text/plain", "x-company": "acme" },
  });
  const headers = { "x-method": "DELETE" };
  await assert.rejects(host.hook("request.before", { ...place, value: { ...value, headers } }), {
    name: "TypeError",
    message: 'A host would not go on with what "request.before" answered. The method cannot be changed.',
  });
  const request = { method: "GET", url: value.url };
  const reply = { status: 200, headers: {}, json: { email: "ann@example.com" } };
  assert.deepEqual(await host.hook("response.after", { ...place, request, value: reply }), {
    ...reply,
    json: { email: "***" },
  });
  const withheld = { status: 200, headers: {}, withheld: "binary" as const };
  assert.equal(await host.hook("response.after", { ...place, request, value: withheld }), null);
  const failed = { ...reply, json: { status: 500 } };
  await assert.rejects(host.hook("response.after", { ...place, request, value: failed }), {
    message: /The status cannot be changed/,
  });
});

test("what plugin.json does not ask for is not there", async (t) => {
  const author = await createAuthor(t);
  const without = code.slice(0, code.indexOf("  hooks: {"));
  await author.write({ "plugin.json": manifestWith({ permissions: {} }), "index.ts": `${without}});` });
  const host = await createTestHost({ directory: author.folder });
  t.after(() => host.close());
  assert.deepEqual(await host.run("given", {}), [
    "connection",
    "fetch",
    "idempotencyKey",
    "input",
    "log",
    "signal",
  ]);
});

test("entities, triggers and normalize are called as a host calls them, and held to their schemas", async (t) => {
  const author = await createAuthor(t);
  await author.write({
    "plugin.json": manifestWith({
      permissions: {
        network: [{ hosts: ["api.example.com"], methods: ["GET"], reason: "Reach the lamps" }],
        events: { publish: ["lamp.*"], reason: "Tells" },
      },
      webhooks: {
        signature: { scheme: "standard" },
        eventType: "/type",
        acknowledge: { contentType: "text/xml", body: "<ack>true</ack>", status: 202 },
        handshake: {
          method: "GET",
          challenge: "query:challenge",
          proof: "token",
          token: "header:x-token",
          reply: { type: "text" },
        },
      },
    }),
    "index.ts": `
import { definePlugin, entity, trigger, Type } from "@plugboard/plugin-sdk";
const Lamp = Type.Object({ id: Type.String(), watts: Type.Number() });
export default definePlugin({
  entities: {
    lamp: entity({ title: "Lamp", schema: Lamp, key: "id",
      list: ({ cursor, limit }) => ({ items: [{ id: String(limit), watts: cursor === null ? 1 : 2 }], nextCursor: null }),
      get: ({ key }) => ({ id: key, watts: "many" }) }),
  },
  triggers: {
    burned: trigger({ title: "Burned", kind: "polling", output: Lamp, dedupeKey: ({ id }) => id,
      poll: ({ cursor }) => ({ items: [{ id: "7", watts: 0 }], cursor: cursor + "!" }) }),
  },
  webhooks: { normalize: ({ delivery }) => [{ type: delivery.type, data: delivery.body }] },
});
`,
  });
  const host = await createTestHost({ directory: author.folder });
  t.after(() => host.close());

  assert.deepEqual(await host.entity("lamp", "list", { cursor: "a", limit: 5 }), {
    items: [{ id: "5", watts: 2 }],
    nextCursor: null,
  });
  await assert.rejects(host.entity("lamp", "get", { key: "1" }), /output does not fit its schema: \/watts/);
  await assert.rejects(host.entity("lamp", "remove", { key: "1" }), /no entity "lamp\.remove"/);
  assert.deepEqual(await host.poll("burned", { cursor: "1" }), {
    items: [{ key: "7", item: { id: "7", watts: 0 } }],
    cursor: "1!",
    hasMore: false,
  });
  assert.deepEqual(await host.normalize({ type: "lamp.on", body: { id: "7" } }), [
    { type: "lamp.on", data: { id: "7" } },
  ]);
  await assert.rejects(host.normalize({ type: "other", body: 1 }), /does not cover "other"/);
  assert.deepEqual(await host.receive({ body: { type: "lamp.on" } }), {
    events: [{ type: "lamp.on", data: { type: "lamp.on" } }],
    reply: { status: 202, contentType: "text/xml; charset=utf-8", body: "<ack>true</ack>" },
  });
  const told = { events: [{ type: "lamp.on", data: { type: "lamp.on" } }] };
  assert.partialDeepStrictEqual(await host.receive({ rawBody: '{ "type": "lamp.on" }' }), told);
  const form = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  assert.deepEqual(await host.normalize({ rawBody: "type=lamp.on&on=a&on=b", headers: form }), [
    { type: "lamp.on", data: { type: "lamp.on", on: ["a", "b"] } },
  ]);
  await assert.rejects(host.normalize({ rawBody: "<lamp/>" }), { name: "TypeError" });
  const asked = { method: "GET", query: { challenge: "abc" }, headers: { "x-token": "test-token" } } as const;
  assert.deepEqual(await host.receive(asked), {
    events: [],
    reply: { status: 200, contentType: "text/plain; charset=utf-8", body: "abc" },
  });
  assert.equal((await host.receive({ ...asked, headers: {} })).reply.status, 403);
});
