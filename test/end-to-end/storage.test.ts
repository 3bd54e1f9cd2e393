/** What a plugin stores is its install's: across calls and connections, and for nobody else. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost, type TestTenant } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const permissions = { storage: { maxBytes: 10_000, reason: "Remember cursors" } };

/** One action for each function of `storage`, and one that lets a plugin do what it likes with it. */
const actions = {
  get: { run: "const found = await storage.get(input.key); return { isThere: found !== undefined, found };" },
  entry: { run: "return await storage.entry(input.key) ?? null;" },
  set: { run: "return storage.set(input.key, input.value, input.options);" },
  delete: { run: "return storage.delete(input.key, input.options);" },
  list: { run: "return storage.list(input);" },
  usage: { run: "return storage.usage();" },
  code: {
    run: "try { return await storage[input.function](...JSON.parse(input.with)); } catch (error) { return { code: error.code }; }",
  },
  "set-many": {
    run: `const tries = Array.from({ length: input.count }, (_, index) => storage.set("k" + index, "x".repeat(input.size)));
      const outcomes = await Promise.allSettled(tries);
      return outcomes.map(({ status, reason }) => status === "fulfilled" ? "ok" : reason.code);`,
  },
  "set-nasty": {
    run: `const nasty = { text: "\\u0000 and \\ud800", "\\ud83d": 1, list: [[[]]], big: 1e300, small: -0.1 };
      await storage.set("nasty", nasty);
      return JSON.stringify(await storage.get("nasty")) === JSON.stringify(nasty);`,
  },
  "set-proto": {
    run: `await storage.set("__proto__", JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'));
      return { text: JSON.stringify(await storage.get("__proto__")), polluted: ({}).polluted ?? null };`,
  },
  "set-and-throw": { run: "await storage.set('k', 1); throw new Error('after the write');" },
  "set-late": { run: "for (let i = 0; i < 60; i++) storage.set('late' + i, i); return 'answered';" },
};

async function start(t: test.TestContext, options = {}) {
  const host = await startTestHost(t, { isolation: "thread", ...options });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, { id: "acme/keeper", actions, permissions });
  const open = async (tenant: TestTenant, plugin = "acme/keeper") => {
    const { installId, connectionId } = await connect(tenant, plugin);
    const run = async (action: string, input: object = {}, over = connectionId) => {
      const answer = await tenant.api.post(`/api/v1/connections/${over}/actions/${action}`, { input });
      return answer.status === 200 ? answer.body.output : answer.body;
    };
    return { installId, connectionId, run };
  };
  return { host, publisher, open };
}

test("a plugin finds again what it stored, over every connection of its install, also after a restart", async (t) => {
  const { host, open } = await start(t);
  const tenant = await host.tenant();
  const { run, installId } = await open(tenant);
  assert.deepEqual(await run("get", { key: "cursor" }), { isThere: false });
  const { version } = await run("set", { key: "cursor", value: { page: 7 } });
  const second = await tenant.api.post("/api/v1/connections", {
    installId,
    name: "another account",
    auth: { type: "apiKey", key: "another-key-0123456789" },
  });
  assert.deepEqual(await run("entry", { key: "cursor" }, second.body.id), { value: { page: 7 }, version });
  assert.deepEqual((await run("set", { key: "null", value: null })) && (await run("get", { key: "null" })), {
    isThere: true,
    found: null,
  });
  assert.deepEqual(await run("list", { prefix: "c" }), { keys: ["cursor"], next: null });
  const stale = { key: "cursor", value: 1, options: { ifVersion: "stale" } };
  assert.equal(
    (await run("code", { function: "set", with: JSON.stringify(Object.values(stale)) })).code,
    "storage-conflict",
  );
  assert.equal(await run("delete", { key: "cursor", options: { ifVersion: version } }), true);
  assert.deepEqual(await run("usage"), { bytes: "null".length * 2, maxBytes: 10_000 });
  const address = await host.restart();
  const again = await fetch(`${address}/api/v1/connections/${second.body.id}/actions/get`, {
    method: "POST",
    headers: { authorization: `Bearer ${tenant.key}`, "content-type": "application/json" },
    body: JSON.stringify({ input: { key: "null" } }),
  });
  assert.deepEqual(((await again.json()) as { output: unknown }).output, { isThere: true, found: null });
});

test("another tenant's storage, and another plugin's, is not there", async (t) => {
  const { host, publisher, open } = await start(t);
  await publishTestPlugin(host.address, publisher, { id: "acme/neighbour", actions, permissions });
  const [tenant, stranger] = [await host.tenant(), await host.tenant()];
  const own = await open(tenant);
  await own.run("set", { key: "k", value: "mine" });
  for (const other of [await open(tenant, "acme/neighbour"), await open(stranger)]) {
    assert.deepEqual(await other.run("get", { key: "k" }), { isThere: false });
    assert.deepEqual((await other.run("list")).keys, []);
    assert.equal(await other.run("delete", { key: "k" }), false);
    await other.run("set", { key: "k", value: "another's" });
  }
  assert.equal((await own.run("get", { key: "k" })).found, "mine");
});

test("a plugin that was not granted storage has none", async (t) => {
  const { host, publisher, open } = await start(t);
  await publishTestPlugin(host.address, publisher, {
    id: "acme/without",
    actions: { look: { run: "return { storage: typeof storage, events: typeof events };" } },
  });
  const { run } = await open(await host.tenant(), "acme/without");
  assert.deepEqual(await run("look"), { storage: "undefined", events: "undefined" });
});

test("keys and values that PostgreSQL or JavaScript could trip over", async (t) => {
  const { host, open } = await start(t);
  const { run } = await open(await host.tenant());
  assert.equal(await run("set-nasty"), true);
  assert.deepEqual(await run("set-proto"), {
    text: '{"__proto__":{"polluted":true},"constructor":1}',
    polluted: null,
  });
  assert.equal(({} as { polluted?: true }).polluted, undefined);
  for (const key of ["constructor", "toString", "'; drop table plugin_storage; --", "%", "\\", "😀"]) {
    await run("set", { key, value: key });
    assert.equal((await run("get", { key })).found, key);
  }
  const refused: [string, unknown[]][] = [
    ["get", ["\u0000"]],
    ["set", ["a\u0000", 1]],
    ["set", ["\ud800", 1]],
    ["set", ["k".repeat(257), 1]],
    ["set", ["", 1]],
    ["set", [{}, 1]],
    ["list", [{ prefix: "\u0000" }]],
    ["list", [{ after: "\udc00" }]],
    ["list", [{ limit: 1e9 }]],
    ["delete", ["k", { ifVersion: 1 }]],
  ];
  for (const [name, args] of refused) {
    const { code } = await run("code", { function: name, with: JSON.stringify(args) });
    assert.equal(code, "storage-invalid-argument", `${name} ${JSON.stringify(args)}`);
  }
  assert.ok(!host.logged().includes("capability failed in the host"));
});

test("a hundred writes at once never take more than the quota", async (t) => {
  const { host, open } = await start(t, {
    sandboxLimits: { capabilityCalls: 200, storageBytes: 1_000 },
  });
  const { run } = await open(await host.tenant());
  const calls = await Promise.all([
    run("set-many", { count: 50, size: 96 }),
    run("set-many", { count: 50, size: 96 }),
  ]);
  const codes = new Set(calls.flat());
  assert.deepEqual([...codes].sort(), ["ok", "storage-quota-exceeded"]);
  const { bytes, maxBytes } = await run("usage");
  assert.equal(maxBytes, 1_000, "the operator's limit is the smaller one");
  assert.ok(bytes > 900 && bytes <= 1_000, `${bytes} bytes`);
  const { keys } = await run("list");
  const counted = keys.reduce((sum: number, key: string) => sum + key.length + 98, 0);
  assert.equal(bytes, counted);
});

test("a call that fails keeps what it stored; one that ended stores nothing after its answer", async (t) => {
  const { host, open } = await start(t);
  const { run } = await open(await host.tenant());
  assert.equal((await run("set-and-throw")).code, "plugin-failed");
  assert.equal((await run("get", { key: "k" })).found, 1);
  assert.equal(await run("set-late"), "answered");
  const { keys } = await run("list", { prefix: "late" });
  await run("usage");
  assert.deepEqual((await run("list", { prefix: "late" })).keys, keys, "nothing came later");
});

test("storage goes with its install", async (t) => {
  const { host, open } = await start(t);
  const tenant = await host.tenant();
  const { run, installId, connectionId } = await open(tenant);
  await run("set", { key: "k", value: "left behind" });
  await tenant.api.delete(`/api/v1/connections/${connectionId}`);
  assert.equal((await tenant.api.delete(`/api/v1/installs/${installId}`)).status, 204);
  const again = await open(tenant);
  assert.deepEqual(await again.run("get", { key: "k" }), { isThere: false });
});
