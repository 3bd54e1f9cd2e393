/**
 * One plugin in two tenants, two plugins in one tenant, and plugins whose names are nearly the same: what one stores,
 * publishes, changes and is configured with, no other finds.
 */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost, type TestTenant } from "../support/host.ts";
import {
  publishTestPlugin,
  registerPublisher,
  type TestPlugin,
  type TestPublisher,
} from "../support/plugin.ts";

const permissions = {
  storage: { maxBytes: 100_000, reason: "Keep what it was told" },
  events: { publish: ["secret.*"], reason: "Tell its tenant" },
};

/** Looks for what others have, wherever its own argument leads. */
const search = `
  const found = [];
  const tell = (what, value) => found.push(what + ": " + JSON.stringify(value));
  const tried = async (what, work) => { try { tell(what, await work()); } catch (error) { found.push(what + " failed: " + error.code); } };
  await tried("keys", async () => (await storage.list({ limit: 1000 })).keys);
  await tried("keys of nothing", async () => (await storage.list({ prefix: "" })).keys);
  for (const key of ["secret", "../secret", ...input.ids.flatMap((id) => [id + "/secret", id + ":secret", "../" + id + "/secret", id])])
    await tried("get", () => storage.get(key));
  for (const options of [{ installId: input.ids[0] }, { tenantId: input.ids[1] }, { install: input.ids[0] }])
    await tried("get with options", () => storage.get("secret", options));
  await tried("list with options", () => storage.list({ prefix: "", installId: input.ids[0], tenantId: input.ids[1] }));
  await tried("entry", () => storage.entry("secret"));
  await tried("usage", () => storage.usage());
  await tried("same fact", () => events.publish("secret.told", { mine: true }, { dedupeKey: "once" }));
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty", "get", "list"]) {
    await tried("key " + name, () => storage.get(name));
    await tried("member " + name, () => typeof storage[name] === "function" ? undefined : storage[name]);
  }
  tell("connection", connection);
  tell("globals", Object.keys(globalThis).filter((name) => name.startsWith("loot")));
  tell("left behind", [globalThis.loot, Object.prototype.loot, Array.prototype.loot, fetch.loot, storage.loot, log.loot, connection.loot, Math.loot]);
  return found.join("\\n");`;

const actions: TestPlugin["actions"] = {
  keep: {
    run: `
      await storage.set("secret", input.secret);
      await storage.set("list-" + input.secret, [input.secret]);
      await events.publish("secret.told", { secret: input.secret }, { dedupeKey: "once" });
      log.info("kept", { secret: input.secret });
      const plant = (target) => { try { target.loot = input.secret; } catch {} };
      for (const target of [globalThis, Object.prototype, Array.prototype, fetch, storage, log, connection, Math]) plant(target);
      return { config: connection.config, stored: await storage.get("secret") };`,
  },
  search: { run: search },
};

const manifest = {
  connection: {
    config: { type: "object", properties: { shop: { type: "string" } }, additionalProperties: false },
  },
};

for (const isolation of ["thread", "process"] as const) {
  test(`what a tenant's plugin keeps is found by no other (${isolation})`, async (t) => {
    const host = await startTestHost(t, { isolation });
    const publishers = new Map<string, TestPublisher>();
    for (const [publisher, name] of [
      ["acme", "shop"],
      ["acme", "shop-2"],
      ["acme-shop", "shop"],
      ["acm", "eshop"],
    ] as const) {
      if (name !== "shop-2") publishers.set(publisher, await registerPublisher(host.address, publisher));
      const signer = publishers.get(publisher) ?? assert.fail();
      await publishTestPlugin(host.address, signer, {
        id: `${publisher}/${name}`,
        actions,
        permissions,
        manifest,
      });
    }
    const [a, b] = [await host.tenant(), await host.tenant()];
    const open = async (tenant: TestTenant, plugin: string, secret: string) => {
      const ids = await connect(tenant, plugin, {
        config: { shop: `shop-of-${secret}` },
        key: `key-of-${secret}-0123456789`,
      });
      const call = (action: string, input: object) =>
        tenant.api.post(`/api/v1/connections/${ids.connectionId}/actions/${action}`, { input });
      return { ...ids, plugin, secret, tenant, call };
    };
    const victim = await open(a, "acme/shop", "loot-of-a");
    const kept = await victim.call("keep", { secret: victim.secret });
    assert.deepEqual(
      kept.body.output,
      { config: { shop: "shop-of-loot-of-a" }, stored: "loot-of-a" },
      JSON.stringify(kept.body),
    );
    const ids = [victim.installId, a.id, victim.connectionId];

    const others = [
      await open(b, "acme/shop", "of-b"),
      await open(a, "acme/shop-2", "of-another-plugin"),
      await open(a, "acme-shop/shop", "of-another-publisher"),
      await open(a, "acm/eshop", "of-a-name-cut-elsewhere"),
    ];
    for (const other of others) {
      await t.test(`${other.plugin} in tenant ${other.tenant.id === a.id ? "A" : "B"}`, async () => {
        const answer = await other.call("search", { ids });
        assert.equal(answer.status, 200, JSON.stringify(answer.body));
        assert.match(answer.body.output, /keys: \[\]/, "it searched");
        assert.match(answer.body.output, new RegExp(`shop-of-${other.secret}`));
        assert.doesNotMatch(answer.body.output, /loot-of-a/);
      });
    }

    await t.test("the same fact of another plugin or tenant is another fact", async () => {
      const told = async (tenant: TestTenant) =>
        (await tenant.api.get("/api/v1/events?type=secret.*")).body.items;
      assert.equal((await told(a)).length, 4, "the victim's, and each other plugin's own");
      assert.equal((await told(b)).length, 1);
      assert.doesNotMatch(JSON.stringify(await told(b)), /loot-of-a/);
    });

    await t.test("the harness notices: the victim's own search finds it", async () => {
      const { body } = await victim.call("search", { ids });
      assert.match(body.output, /get: "loot-of-a"/);
      assert.match(body.output, /shop-of-loot-of-a/);
    });

    await t.test("ids in the input, the query and the body lead to nobody else's", async () => {
      const mine = others[0] ?? assert.fail();
      const paths = [
        `/api/v1/connections/${victim.connectionId}/actions/keep`,
        `/api/v1/connections/${mine.connectionId}%2f..%2f${victim.connectionId}/actions/keep`,
        `/api/v1/connections/${mine.connectionId}/../${victim.connectionId}/actions/keep`,
      ];
      for (const path of paths) {
        const answer = await b.api.post(path, { input: { secret: "overwritten" } });
        assert.ok([404, 422].includes(answer.status), `${path}: ${JSON.stringify(answer.body)}`);
      }
      for (const query of [`tenantId=${a.id}`, `connectionId=${victim.connectionId}`]) {
        const answer = await b.api.post(`/api/v1/connections/${mine.connectionId}/actions/search?${query}`, {
          input: { ids },
        });
        assert.doesNotMatch(JSON.stringify(answer.body), /loot-of-a/);
      }
      for (const extra of [
        { tenantId: a.id },
        { connectionId: victim.connectionId },
        { context: { connection: { id: victim.connectionId } } },
      ]) {
        const answer = await b.api.post(`/api/v1/connections/${mine.connectionId}/actions/search`, {
          input: { ids, ...extra },
          ...extra,
        });
        assert.equal(answer.status, 422, JSON.stringify(answer.body));
      }
      for (const path of [
        "/api/v1/events",
        "/api/v1/hook-changes",
        `/api/v1/events?tenantId=${a.id}`,
        `/api/v1/hook-changes?callId=${kept.body.callId}`,
      ]) {
        assert.doesNotMatch(JSON.stringify((await b.api.get(path)).body), /loot-of-a/, path);
      }
    });

    await t.test("names that every object has are no actions", async () => {
      for (const name of [
        "constructor",
        "__proto__",
        "toString",
        "hasOwnProperty",
        "valueOf",
        "then",
        "default",
        "hooks",
      ]) {
        const answer = await victim.call(name, {});
        assert.ok([404, 422].includes(answer.status), `${name}: ${JSON.stringify(answer.body)}`);
      }
    });

    await t.test("what the victim kept is as it was", async () => {
      assert.match((await victim.call("search", { ids })).body.output, /get: "loot-of-a"/);
    });
  });
}

test("a hook sees its own tenant's calls, and none of its own plugin", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/shop",
    actions: { echo: { run: "return input;" } },
  });
  const spy = `await storage.set("seen-" + input.value.say, input);`;
  await publishTestPlugin(host.address, publisher, {
    id: "acme/spy",
    actions: {
      seen: { run: `return (await storage.list()).keys;` },
      say: { run: "return input;" },
    },
    hooks: { "action.beforeRun": `${spy} return { ...input.value, touched: true };` },
    permissions: {
      storage: permissions.storage,
      hooks: { names: ["action.beforeRun"], reason: "Look at calls" },
    },
  });
  const [a, b] = [await host.tenant(), await host.tenant()];
  const shopOf = async (tenant: TestTenant) => (await connect(tenant, "acme/shop")).connectionId;
  const [shopA, shopB] = [await shopOf(a), await shopOf(b)];
  const spyB = (await connect(b, "acme/spy")).connectionId;
  const run = (tenant: TestTenant, connectionId: string, action: string, input: object) =>
    tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input });

  assert.deepEqual((await run(a, shopA, "echo", { say: "of-a" })).body.output, { say: "of-a" });
  assert.deepEqual((await run(b, shopB, "echo", { say: "of-b" })).body.output, {
    say: "of-b",
    touched: true,
  });
  await run(b, spyB, "say", { say: "its-own" });
  assert.deepEqual((await run(b, spyB, "seen", {})).body.output, ["seen-of-b"]);
  assert.deepEqual((await a.api.get("/api/v1/hook-changes")).body.items, []);
  assert.equal((await b.api.get("/api/v1/hook-changes")).body.items.length, 1);
});
