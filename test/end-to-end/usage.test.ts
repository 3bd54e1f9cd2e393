/** What is priced by usage: counted by the host, capped by the tenant, told to the registry by the hour. */
import assert from "node:assert/strict";
import test from "node:test";
import type { EntityContribution, Pricing } from "@plugboard/plugin-sdk/manifest";
import { openDatabase } from "@plugboard/service-kit/database";
import { createJobs } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { createUsageMeter, usageReportQueue } from "../../core/kernel/plugins/usage/index.ts";
import type { CoreDatabase } from "../../core/tables.ts";
import { createTestApi } from "../support/api.ts";
import { gatePermission, startGate, waitAtGate } from "../support/gate.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";
import { hostToken, operatorToken, startTestRegistry } from "../support/registry.ts";

const plugin = "acme/metered";
const hourMs = 3_600_000;
const pricing = {
  model: "usage",
  currency: "EUR",
  meters: [
    {
      name: "calls",
      title: "Calls",
      unit: "call",
      actions: ["hello", "fail"],
      tiers: [{ upTo: 2, amount: 0 }, { amount: 10 }],
    },
    { name: "visits", title: "Visits", unit: "visit", actions: ["visit"], tiers: [{ amount: 7 }] },
    {
      name: "notes",
      title: "Notes",
      unit: "note",
      actions: ["note.create", "note.remove"],
      tiers: [{ amount: 3 }],
    },
  ],
};
const actions = {
  hello: { run: "return { said: 'hello' };" },
  fail: { run: "throw new Error('no');" },
  free: { run: "return {};" },
  visit: { run: `${waitAtGate} return {};` },
};

const note: EntityContribution = {
  title: "Note",
  schema: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  key: "id",
  input: { type: "object", properties: { text: { type: "string" } } },
  operations: ["create", "remove"],
  batch: { most: 4, operations: ["create"] },
};
/** What is `busy` is written when it is asked for again. */
const offers = {
  contributes: { entities: { note } },
  code: `entities: ((asked = new Set()) => ({ note: { ...${JSON.stringify(note)}, create: () => ({ id: "1" }), remove: () => Array(1000).fill(0), batch: { most: 4, create: ({ writes }) =>
    writes[0].record.text === "busy" && !asked.has("busy") ? (asked.add("busy"), [{ error: { code: "rate-limited", message: "Later." } }, ...writes.slice(1).map(({ idempotencyKey }) => ({ key: idempotencyKey }))]) :
    writes[0].record.text === "greedy" ? Array(1000).fill({ key: "x" }) : writes.map(({ record, idempotencyKey }) => record.text === "refused" ? { error: { message: "No." } } : { key: idempotencyKey }),
  } } }))(),`,
};

test("usage, from the first call to what is owed for it", { timeout: 120_000 }, async (t) => {
  let offsetMs = 0;
  const now = () => Date.now() + offsetMs;
  const registry = await startTestRegistry(t, { now: () => new Date(now()) });
  const acme = await registerPublisher(registry.address, "acme");
  // Some hours ago, so that the hours in which it is used are over in the end; and in the middle of one, which ends meanwhile otherwise.
  const toMiddleMs = hourMs / 2 - (Date.now() % hourMs);
  offsetMs = toMiddleMs - 5 * hourMs;
  await publishTestPlugin(registry.address, acme, {
    id: plugin,
    actions,
    offers,
    manifest: { pricing },
    permissions: { ...gatePermission, storage: { maxBytes: 1_000, reason: "To keep notes." } },
  });
  const gate = await startGate(t);
  const settings = {
    isolation: "thread" as const,
    registry: { url: registry.address, token: hostToken },
    now,
    egressRewrite: gate.rewrite,
  };
  const host = await startTestHost(t, settings);
  const beside = await startTestHost(t, { ...settings, beside: host });
  const operator = createTestApi(registry.address, operatorToken);
  const tenant = await host.tenant();
  const logger = createLogger({ name: "test", level: "silent" });
  const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
  t.after(() => database.close());
  const jobs = createJobs({ database, logger });
  const queue = jobs.define(usageReportQueue, { policy: "exclusive", retryLimit: 0, deadLetter: false });
  await jobs.start();
  t.after(() => jobs.stop(0));

  const { body: offer } = await tenant.api.post("/api/v1/marketplace/purchases", { plugin });
  const bought = await tenant.api.post("/api/v1/marketplace/purchases", { plugin, terms: offer.terms });
  await operator.post(`/registry/v1/billing/purchases/${bought.body.id}/confirm`, { note: "Invoice 8" });
  const { connectionId } = await connect(tenant, plugin);
  const on = (api: typeof tenant.api, action: string) =>
    api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input: {} });
  const call = (action: string) => on(tenant.api, action);
  const json = { headers: { "content-type": "application/json" } };
  const capPath = `/api/v1/marketplace/spend-caps/${plugin}`;
  const cap = (amount: number) =>
    tenant.api.send("PUT", capPath, { ...json, body: JSON.stringify({ amount }) });
  offsetMs = toMiddleMs - 3 * hourMs;
  const period = new Date(now()).toISOString().slice(0, 7);

  await t.test("a call that succeeds counts, on the meters that name it", async () => {
    assert.deepEqual(
      [(await call("hello")).status, (await call("free")).status, (await call("fail")).status],
      [200, 200, 502],
    );
  });

  await t.test("what an erased tenant used keeps nobody else's from being written", async () => {
    const db = database.kysely<CoreDatabase>("core");
    const meter = createUsageMeter({ db, caps: { get: async () => null }, logger });
    const [gone, kept] = [await host.tenant(), await host.tenant()];
    const use = async (of: typeof gone) => {
      const agreement = { pricing: pricing as Pricing, isTrial: false };
      const call = await meter.admit({ id: `ins_${of.id}`, tenantId: of.id, plugin }, agreement, "hello", 1);
      call?.count(1);
    };
    await use(gone);
    await use(kept);
    assert.equal((await host.admin.delete(`/api/v1/tenants/${gone.id}`)).status, 202);
    for (let status = 200; status !== 404; )
      ({ status } = await host.admin.get(`/api/v1/tenants/${gone.id}`));
    await meter.flush();
    await use(gone);
    await meter.flush();
    const of = [gone.id, kept.id];
    const { rows } = await database.pool.query(
      "delete from core.usage_windows where tenant_id = any($1) returning tenant_id, units",
      [of],
    );
    assert.deepEqual(rows, [{ tenant_id: kept.id, units: 1 }]);
  });

  await t.test("calls beyond the cap are refused before they run, on every host", async () => {
    assert.equal((await cap(25)).status, 200);
    assert.equal((await call("hello")).status, 200, "included");
    // Two more of 10 cents each fit into 25.
    const many = await Promise.all(Array.from({ length: 8 }, () => call("hello")));
    assert.deepEqual(many.map(({ status }) => status).sort(), [200, 200, 402, 402, 402, 402, 402, 402]);
    const refused = await call("hello");
    assert.deepEqual(
      [refused.body.code, refused.body.cap, refused.body.owed, refused.body.currency],
      ["spend-cap-reached", "25", "20", "EUR"],
    );
    assert.equal((await call("free")).status, 200, "what is not metered goes on");
    const { rows } = await database.pool.query("select * from core.usage_windows");
    assert.ok(rows.length <= 1, "a call writes nothing");

    // As an older version left it: nobody works on that queue any more.
    const old = "core.trigger-polls-overdue";
    await database.pool.query('select jobs.create_queue($1, \'{"policy":"exclusive"}\')', [old]);
    await database.pool.query("insert into jobs.schedule (name, cron) values ($1, '* * * * *')", [old]);
    const restarted = createTestApi(await host.restart(), tenant.key);
    const schedules = await database.pool.query("select 1 from jobs.schedule where name = $1", [old]);
    assert.equal(schedules.rowCount, 0);
    assert.equal((await on(restarted, "hello")).status, 402, "also after a restart");
    assert.equal((await on(createTestApi(beside.address, tenant.key), "hello")).status, 402);
    assert.equal((await on(restarted, "free")).status, 200);
    assert.deepEqual(
      (await createTestApi(beside.address, tenant.key).get("/api/v1/marketplace/spend-caps")).body,
      {
        items: [{ plugin, amount: 25 }],
      },
    );
    const other = createTestApi(beside.address, tenant.key);
    const raised = await other.send("PUT", capPath, { ...json, body: JSON.stringify({ amount: 35 }) });
    assert.equal(raised.status, 200);
    assert.equal((await on(other, "hello")).status, 200, "a raised cap is in force at once");
    assert.equal((await on(other, "hello")).status, 402);
    assert.equal((await other.delete(capPath)).status, 204);
    assert.equal((await on(other, "hello")).status, 200);
  });

  await t.test("hours that are over are told to the registry, once", async () => {
    offsetMs = 0;
    const report = async () => {
      await jobs.send(queue, {});
      const open = "select count(*)::int as n from core.usage_windows where reported_at is null";
      const until = Date.now() + 60_000;
      while ((await database.pool.query(open)).rows[0].n > 0) {
        assert.ok(Date.now() < until, "the registry was not told");
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const owed = async () => {
      const api = createTestApi(beside.address, tenant.key);
      const { body } = await api.get(`/api/v1/marketplace/usage?period=${period}`);
      return body.items.map(({ units, amount, currency }: Record<string, unknown>) => [
        units,
        amount,
        currency,
      ]);
    };
    // What the neighbour counted last is written within seconds.
    const written = "select coalesce(sum(units), 0)::int as n from core.usage_windows";
    const until = Date.now() + 60_000;
    while ((await database.pool.query(written)).rows[0].n < 6) {
      assert.ok(Date.now() < until, "usage was not written down");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await report();

    assert.deepEqual(await owed(), [[6, "40", "EUR"]]);
    const rotated = await createTestApi(beside.address, "admin-key-for-tests-0123456789").post(
      "/api/v1/host-key/rotation",
    );
    assert.equal(rotated.status, 200, JSON.stringify(rotated.body));
    // As if the answer had been lost.
    await database.pool.query("update core.usage_windows set reported_at = null, outcome = null");
    await report();
    assert.deepEqual(await owed(), [[6, "40", "EUR"]]);
    const { rows } = await database.pool.query("select distinct outcome from core.usage_windows");
    assert.deepEqual(rows, [{ outcome: "known" }]);
  });

  await t.test(
    "of a batch each part counts that was done, and as many are done as the cap allows",
    async () => {
      const api = createTestApi(beside.address, tenant.key);
      const cap = (amount: number) => api.send("PUT", capPath, { ...json, body: JSON.stringify({ amount }) });
      const owed = async () => {
        await cap(0);
        const { body } = await on(api, "visit");
        return Number(body.owed);
      };
      const write = async (texts: string[]) => {
        const writes = texts.map((text) => ({ op: "create", record: { text } }));
        const { body } = await api.post(`/api/v1/connections/${connectionId}/entities/note/batch`, {
          writes,
        });
        return { counts: [body.succeeded, body.failed], codes: new Set(body.results.map(codeOf)) };
      };
      const codeOf = ({ problem }: { problem?: { code: string } }) => problem?.code;
      const before = await owed();
      await api.delete(capPath);
      assert.deepEqual((await write(["a", "refused", "b"])).counts, [2, 1]);
      assert.equal(await owed(), before + 2 * 3, "what was not made costs nothing");
      await api.delete(capPath);
      // What it answers is the plugin's to say, and not what it costs.
      assert.deepEqual((await write(["greedy", "b"])).codes, new Set(["entity-output-invalid"]));
      assert.equal(await owed(), before + 2 * 3);
      await api.delete(capPath);
      const removal = { writes: [{ op: "remove", key: "1" }] };
      const removed = await api.post(`/api/v1/connections/${connectionId}/entities/note/batch`, removal);
      assert.equal(removed.body.succeeded, 1);
      assert.equal(await owed(), before + 3 * 3);

      // Room for four more, of seven that would go in two calls.
      await cap(before + 7 * 3 + 1);
      const { counts, codes } = await write([..."abcdefg"]);
      assert.deepEqual([counts, codes], [[4, 3], new Set([undefined, "spend-cap-reached"])]);
      assert.equal(await owed(), before + 7 * 3);

      // Of four that are too many at once two are refused, and one is asked for again.
      await api.delete(capPath);
      await cap(before + 10 * 3 + 1);
      const parts = await write(["busy", "b", "refused", "refused"]);
      assert.deepEqual([parts.counts, parts.codes], [[2, 2], new Set([undefined, "plugin-failed"])]);
      assert.equal(await owed(), before + 9 * 3);

      const actions = Array(3).fill({ action: "visit", input: {} });
      const visits = api.post(`/api/v1/connections/${connectionId}/batch`, { actions });
      const refused = (await visits).body;
      assert.deepEqual([refused.failed, codeOf(refused.results[0])], [3, "spend-cap-reached"]);
      await api.delete(capPath);
    },
  );

  await t.test("a caller that hangs up owes what its call has used", async () => {
    const api = createTestApi(beside.address, tenant.key);
    const path = `/api/v1/connections/${connectionId}/actions/visit`;
    const owed = async () => {
      await api.send("PUT", capPath, { ...json, body: '{"amount":0}' });
      const refused = await api.post(path, { input: {} });
      assert.equal(refused.body.code, "spend-cap-reached", JSON.stringify(refused.body));
      await api.delete(capPath);
      return Number(refused.body.owed);
    };
    const before = await owed();
    const hangUp = new AbortController();
    const call = fetch(beside.address + path, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.key}`, "content-type": "application/json" },
      body: '{"input":{}}',
      signal: hangUp.signal,
    });
    await gate.reached(1);
    hangUp.abort();
    await assert.rejects(call, { name: "AbortError" });
    const until = Date.now() + 60_000;
    while ((await owed()) === before) assert.ok(Date.now() < until, "it was not counted");
    assert.equal(await owed(), before + 7);
  });

  await t.test("the key that reports are signed with lies sealed in the database", async () => {
    const { rows } = await database.pool.query(
      "select state, encode(sealed_private_jwk, 'escape') as text from core.host_keys",
    );
    assert.deepEqual(rows.map(({ state }) => state).sort(), ["current", "retired"]);
    for (const { text } of rows) assert.doesNotMatch(text, /"d":|Ed25519/);
  });

  await t.test("a refund stops it at once, without a restart", async () => {
    const path = `/registry/v1/billing/purchases/${bought.body.id}/refund`;
    assert.equal((await operator.post(path, { note: "As agreed." })).status, 200);
    const api = createTestApi(beside.address, tenant.key);
    await api.post(`/api/v1/marketplace/purchases/${bought.body.id}/check`);
    const answer = await on(api, "free");
    assert.deepEqual([answer.status, answer.body.code], [409, "entitlement-required"]);
  });
});
