/** What a plugin publishes: what it was granted, under its own name, once. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { openDatabase } from "@plugboard/service-kit/database";
import { createJobs } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { upkeepQueue } from "../../core/kernel/upkeep/index.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const publish = {
  run: "return events.publish(input.type, input.data, input.options);",
};
const tryAll = {
  run: `const codes = [];
    for (const args of input.all) codes.push(await events.publish(...args).then(() => "ok", (error) => error.code));
    return codes;`,
};
const late = {
  run: "for (let i = 0; i < 60; i++) events.publish('payment.late', i); return 'answered';",
};
const nasty = {
  run: `const codes = [];
    for (const data of ["\\u0000", { "\\u0000": 1 }, ["\\ud800"], { a: { "\\udc00": 1 } }])
      codes.push(await events.publish("payment.x", data).then(() => "ok", (error) => error.code));
    const ok = JSON.parse('{"__proto__":{"polluted":true}}');
    codes.push(await events.publish("payment.proto", ok).then(() => "ok", (error) => error.code));
    return codes;`,
};

async function start(t: TestContext, options = {}) {
  const host = await startTestHost(t, { isolation: "thread", ...options });
  const publisher = await registerPublisher(host.address, "acme");
  const events = { publish: ["payment.*", "order.created"], reason: "Tell of payments" };
  await publishTestPlugin(host.address, publisher, {
    id: "acme/teller",
    actions: { publish, "try-all": tryAll, late, nasty },
    permissions: { events },
  });
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "acme/teller");
  const run = async (action: string, input: object = {}) => {
    const answer = await tenant.api.post(`/api/v1/connections/${connectionId}/actions/${action}`, { input });
    return answer.status === 200 ? answer.body.output : answer.body;
  };
  // Those of the host itself, such as of the install, are others' concern.
  const list = async (api = tenant.api) =>
    (await api.get("/api/v1/events?limit=100")).body.items.filter(
      ({ type }: { type: string }) => !type.startsWith("plugboard."),
    );
  return { host, publisher, tenant, installId, connectionId, run, list };
}

test("an event is stored under the plugin that published it, and told once", async (t) => {
  const { run, list, host, tenant, installId, connectionId } = await start(t);
  const { id } = await run("publish", { type: "payment.succeeded", data: { amount: 7 } });
  const once = { type: "order.created", data: 1, options: { dedupeKey: "order 1" } };
  const first = await run("publish", once);
  assert.deepEqual(await run("publish", { ...once, data: 2 }), first);
  const found = await list();
  assert.deepEqual(
    found.map(({ createdAt, ...event }: { createdAt: string }) => event),
    [
      { id, type: "payment.succeeded", data: { amount: 7 } },
      { id: first.id, type: "order.created", data: 1 },
    ].map((event) => ({
      ...event,
      source: { plugin: "acme/teller", version: "1.0.0", installId, connectionId },
    })),
  );
  assert.deepEqual(await list((await host.tenant()).api), []);
  const { items } = (await tenant.api.get("/api/v1/events?type=payment.*")).body;
  assert.equal(items.length, 1);
});

test("two tenants may tell the same fact: neither hears of the other's", async (t) => {
  const { run, list, host } = await start(t);
  const stranger = await host.tenant();
  const { connectionId } = await connect(stranger, "acme/teller");
  const input = { type: "payment.seen", data: 1, options: { dedupeKey: "k" } };
  const theirs = await stranger.api.post(`/api/v1/connections/${connectionId}/actions/publish`, { input });
  const own = await run("publish", input);
  assert.notEqual(own.id, theirs.body.output.id);
  assert.deepEqual(
    (await list()).map(({ id }: { id: string }) => id),
    [own.id],
  );
});

test("what was not granted, is the host's own, or is no event is refused", async (t) => {
  const { run, list, host } = await start(t);
  const cases: [code: string, ...args: unknown[]][] = [
    ["event-not-granted", "refund.made", 1],
    ["event-not-granted", "payment", 1],
    ["event-not-granted", "paymentx.made", 1],
    ["event-not-granted", "order.created.twice", 1],
    ["event-not-granted", "plugboard.install.created", 1],
    ["event-not-granted", "plugboard", 1],
    ["event-invalid-argument", "payment.*", 1],
    ["event-invalid-argument", "Payment.made", 1],
    ["event-invalid-argument", "payment.made\n", 1],
    ["event-invalid-argument", `payment.${"x".repeat(100)}`, 1],
    ["event-invalid-argument", "", 1],
    ["event-invalid-argument", 7, 1],
    ["event-invalid-argument", "payment.made"],
    ["event-invalid-argument", "payment.made", 1, { dedupeKey: "" }],
    ["event-invalid-argument", "payment.made", 1, { dedupeKey: "x".repeat(257) }],
    ["event-invalid-argument", "payment.made", 1, { dedupeKey: 1 }],
    ["event-invalid-argument", "payment.made", 1, { tenantId: "another" }],
    ["event-invalid-argument", "payment.made", 1, {}, 1],
    ["event-too-large", "payment.made", "x".repeat(65_536)],
  ];
  const codes = await run("try-all", { all: cases.map(([, ...args]) => args) });
  assert.deepEqual(
    codes,
    cases.map(([code]) => code),
  );
  const tries = [...Array(100).fill(["Payment.made", 1]), ["payment.made", 1]];
  assert.equal((await run("try-all", { all: tries })).at(-1), "events-limit-exceeded", "refused ones count");
  assert.deepEqual(await run("nasty"), [...Array(4).fill("event-invalid-argument"), "ok"]);
  assert.deepEqual(
    (await list()).map(({ type }: { type: string }) => type),
    ["payment.proto"],
  );
  assert.ok(!host.logged().includes("capability failed in the host"));
});

test("nothing is published after the answer", async (t) => {
  const { run, list } = await start(t);
  assert.equal(await run("late"), "answered");
  const found = await list();
  await run("publish", { type: "payment.after", data: 1 });
  assert.equal((await list()).length, found.length + 1);
});

test("what is kept for long enough goes, of every tenant; what one plugin told counts until then", async (t) => {
  const { host, run, list, tenant } = await start(t, {
    sandboxLimits: { eventStorageBytes: 3_000, eventsPerMinute: 1_000 },
  });
  const logger = createLogger({ name: "test", level: "silent" });
  const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
  t.after(() => database.close());
  const tell = async () => (await run("publish", { type: "payment.told", data: 1 })).code ?? "ok";
  const told: string[] = [];
  while (told.at(-1) !== "plugin-failed") told.push(await tell());
  assert.equal(told.length, 5, "each counts with what is kept around it");

  // A tenant that has done nothing since, with more than one batch.
  const idle = await host.tenant();
  await database.pool.query(
    `insert into core.events (id, tenant_id, type, source, data, created_at)
     select 'evt_old' || n, $1, 'payment.old', '{"host":true}', '1', now() - interval '31 days' from generate_series(1, 2500) n`,
    [idle.id],
  );
  await database.pool.query(
    `insert into core.hook_changes (id, tenant_id, call_id, hook, plugin, version, install_id, connection_id, created_at)
     select 'hkc_' || to_char(n, 'FM00000'), $1, 'c', 'h', 'p', '1', 'i', 'c', now() - case when n <= 10 then interval '31 days' else '0' end
     from generate_series(1, 10015) n`,
    [idle.id],
  );
  await database.pool.query(
    `update core.events set created_at = now() - interval '32 days' where tenant_id = $1 and type = 'payment.told'`,
    [tenant.id],
  );
  await database.pool.query("update core.event_usage set day = day - 32");

  const rows = async (table: string) =>
    (await database.pool.query(`select count(*) from core.${table} where tenant_id = $1`, [idle.id])).rows[0]
      .count;
  const jobs = createJobs({ database, logger });
  const queue = jobs.define(upkeepQueue, { policy: "exclusive", retryLimit: 0, deadLetter: false });
  await jobs.start();
  t.after(() => jobs.stop(0));
  await jobs.send(queue, {});
  while ((await rows("events")) > 0 || (await rows("hook_changes")) > 10_000)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await rows("hook_changes"), 10_000);
  const { rows: oldest } = await database.pool.query("select min(id) as id from core.hook_changes");
  assert.equal(oldest[0].id, "hkc_00016", "the last ones are kept");
  assert.deepEqual(await list(), []);
  while ((await database.pool.query("select from core.event_usage")).rowCount !== 0)
    await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await tell(), "ok");
  assert.equal((await list()).length, 1);
});

test("events are listed in the order of the database, whatever the clocks of hosts say, page by page", async (t) => {
  const { host, tenant, run } = await start(t);
  // Several types below the prefix, in turns, between others before and behind it.
  for (const type of ["order.told", "payment.aside"]) await run("publish", { type, data: -1 });
  for (let n = 0; n < 5; n++)
    await run("publish", { type: n % 2 ? "payment.told.late" : "payment.told.now", data: n });
  await run("publish", { type: "payment.tolerated", data: -1 });
  const logger = createLogger({ name: "test", level: "silent" });
  const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
  // As a host would have named it whose clock is a day behind.
  await database.pool.query("update core.events set id = 'evt_0' || id where tenant_id = $1 and data = '3'", [
    tenant.id,
  ]);
  await database.close();
  const seen: unknown[] = [];
  let cursor: string | null = "";
  do {
    const path: string = `/api/v1/events?type=payment.told.*&limit=2${cursor && `&cursor=${cursor}`}`;
    const { items, nextCursor } = (await tenant.api.get(path)).body;
    seen.push(...items.map(({ data }: { data: unknown }) => data));
    cursor = nextCursor;
  } while (cursor);
  assert.deepEqual(seen, [0, 1, 2, 3, 4]);
  const wrong = await tenant.api.get(
    `/api/v1/events?cursor=${Buffer.from('"1 or 1"').toString("base64url")}`,
  );
  assert.equal(wrong.status, 422, JSON.stringify(wrong.body));
});
