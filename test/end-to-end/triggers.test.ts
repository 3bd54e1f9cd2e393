/** Polling triggers: what a vendor has is told as events, each item once, whatever comes between. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import test, { type TestContext } from "node:test";
import type { TriggerContribution } from "@plugboard/plugin-sdk/manifest";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import pg from "pg";
import { listOverdue } from "../../core/modules/triggers/queries.ts";
import type { CoreDatabase } from "../../core/tables.ts";
import type { TestAnswer } from "../support/api.ts";
import { connect, startTestHost, type TestTenant } from "../support/host.ts";
import { untilSomebodyWaits } from "../support/locks.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const row = {
  type: "object",
  properties: { id: { type: "integer" }, text: { type: "string" } },
  required: ["id"],
  additionalProperties: false,
};
const newRow: TriggerContribution = {
  title: "New row",
  kind: "polling",
  intervalSeconds: 3_600,
  config: {
    type: "object",
    properties: {
      table: { type: "string", pattern: "^[a-z\\0]*$" },
      // As heavy as it may be: each value in it is looked at two hundred times.
      heavy: { type: "array", items: { anyOf: Array.from({ length: 200 }, () => ({ type: "string" })) } },
    },
    additionalProperties: false,
  },
  output: row,
};
const paid: TriggerContribution = { title: "Paid", kind: "webhook", events: ["row.paid"], output: {} };
const json = (value: object) => JSON.stringify(value).slice(1, -1);

interface Vendor {
  url: string;
  /** Rows by table, in order. */
  rows: Map<string, { id: number; text?: string }[]>;
  /** What is answered instead, once. */
  next: { status: number; headers?: Record<string, string>; body?: string }[];
  /** What requests wait for. */
  gate: Promise<void>;
  requests: string[];
}

async function startVendor(t: TestContext): Promise<Vendor> {
  const vendor: Vendor = { url: "", rows: new Map(), next: [], gate: Promise.resolve(), requests: [] };
  const server = createServer(async (request, response) => {
    vendor.requests.push(request.url ?? "");
    const { searchParams } = new URL(request.url ?? "", "http://vendor");
    const rows = vendor.rows.get(searchParams.get("table") ?? "main") ?? [];
    const instead = vendor.next.shift();
    await vendor.gate;
    if (instead) return void response.writeHead(instead.status, instead.headers).end(instead.body);
    const after = Number(searchParams.get("after"));
    const page = rows.filter(({ id }) => id > after).slice(0, 2);
    const more = rows.some(({ id }) => id > (page.at(-1)?.id ?? after));
    response.end(JSON.stringify({ rows: page, more }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const address = server.address();
  vendor.url = `http://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`;
  return vendor;
}

/** Waits until something comes true, as a job will make it. */
async function until<T>(look: () => Promise<T | undefined | false>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; await new Promise((go) => setTimeout(go, 20))) {
    const found = await look();
    if (found) return found;
  }
  throw new Error("It did not come true.");
}

test("polling triggers", async (t) => {
  const vendor = await startVendor(t);
  const host = await startTestHost(t, {
    isolation: "thread",
    egressRewrite: { "vendor.test": vendor.url },
    pluginSettings: { plugins: { "acme/full": { limits: { eventsPerMinute: 3, triggerItems: 5 } } } },
  });
  const db = new pg.Client({ connectionString: host.databaseUrl });
  // The database goes with the host, before this line to it.
  db.on("error", () => {});
  await db.connect();
  t.after(() => db.end());
  const publisher = await registerPublisher(host.address, "acme");
  for (const id of ["acme/rows", "acme/full"])
    await publishTestPlugin(host.address, publisher, {
      id,
      permissions: {
        network: [{ hosts: ["vendor.test"], methods: ["GET"], reason: "Read rows" }],
        events: { publish: ["row.paid"], reason: "Tell of payments" },
      },
      manifest: { webhooks: { signature: { scheme: "standard" } } },
      offers: {
        contributes: { triggers: { "new-row": newRow, paid }, webhooks: { normalize: true } },
        code: `triggers: {
          "new-row": {
            ${json(newRow)},
            async run({ cursor, startAt, config, fetch, connection }) {
              const response = await fetch("https://vendor.test/rows?table=" + (config.table ?? "main") + "&after=" + (cursor ?? 0) + "&startAt=" + startAt);
              if (response.status === 400) throw Object.assign(new Error("Slow down."), { code: "rate-limited", retryAfterMs: 7_200_000 });
              if (!response.ok) throw Object.assign(new Error("It is down."), { code: "vendor-unavailable" });
              const { rows, more } = await response.json();
              const items = rows.map((item) => ({ key: String(item.id), item }));
              return { items, cursor: rows.length > 0 ? String(rows.at(-1).id) : cursor, hasMore: more };
            },
          },
          paid: { ${json(paid)} },
        },
        webhooks: { normalize: () => [] },`,
      },
    });

  async function fresh(plugin = "acme/rows") {
    vendor.rows.clear();
    vendor.requests.length = 0;
    const tenant: TestTenant = await host.tenant();
    const { connectionId } = await connect(tenant, plugin);
    const path = `/api/v1/connections/${connectionId}/triggers`;
    const place = `${path}/new-row`;
    const put = (body: object): Promise<TestAnswer> =>
      tenant.api.send("PUT", place, {
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
    const state = async () => (await tenant.api.get(place)).body.state;
    return {
      tenant,
      connectionId,
      path,
      put,
      state,
      /** Lets it poll, and waits until it has nothing more to do. */
      async poll() {
        const { body } = await tenant.api.get(place);
        const last = body.state.lastPolledAt;
        assert.equal((await tenant.api.post(`${place}/poll`)).status, 202);
        return until(async () => {
          const now = await state();
          return now.lastPolledAt !== last && Date.parse(now.nextPollAt) > Date.now() + 30_000 && now;
        });
      },
      settled: () =>
        until(async () => {
          const now = await state();
          return now.lastPolledAt !== null && Date.parse(now.nextPollAt) > Date.now() + 30_000 && now;
        }),
      async told() {
        const { body } = await tenant.api.get("/api/v1/events?type=trigger.new-row");
        return body.items.map((event: { data: { id: number } }) => event.data.id);
      },
    };
  }

  await t.test("tell what comes after they were switched on, each item once", async () => {
    const one = await fresh();
    vendor.rows.set("main", [{ id: 1 }, { id: 2 }, { id: 3 }]);
    const { status, body } = await one.put({ enabled: true });
    assert.deepEqual([status, body.state.enabled, body.state.intervalSeconds], [200, true, 3_600]);
    await one.settled();
    assert.deepEqual(await one.told(), []);
    vendor.rows.get("main")?.push({ id: 4 }, { id: 5 }, { id: 6 }, { id: 7 });
    const state = await one.poll();
    assert.deepEqual(await one.told(), [4, 5, 6, 7]);
    // The plugin knows in which of its polls nothing is told: the first run's two pages.
    const startAt = vendor.requests.map((url) => new URL(url, vendor.url).searchParams.get("startAt"));
    assert.deepEqual(startAt.slice(0, 3), ["now", "now", "beginning"]);
    assert.deepEqual([state.told, state.failures, state.lastError], [4, 0, null]);
    await one.poll();
    assert.deepEqual(await one.told(), [4, 5, 6, 7]);
    const [event] = (await one.tenant.api.get("/api/v1/events?type=trigger.new-row")).body.items;
    assert.equal(event.type, "trigger.new-row");
    assert.deepEqual(
      [event.source.plugin, event.source.connectionId, event.source.trigger],
      ["acme/rows", one.connectionId, "new-row"],
    );
  });

  await t.test("begin anew on demand and with other settings, and go on after a pause", async () => {
    const one = await fresh();
    vendor.rows.set("main", [{ id: 1 }, { id: 2 }, { id: 3 }]);
    vendor.rows.set("other", [{ id: 2 }]);
    await one.put({ enabled: true, startAt: "beginning" });
    await one.settled();
    assert.deepEqual(await one.told(), [1, 2, 3]);
    await one.put({ enabled: false });
    vendor.rows.get("main")?.push({ id: 4 });
    assert.equal((await one.tenant.api.post(`${one.path}/new-row/poll`)).body.code, "trigger-off");
    await one.put({ enabled: true });
    await until(async () => (await one.told()).length === 4);
    // The keys of another table are other keys.
    await one.put({ enabled: true, config: { table: "other" }, startAt: "beginning" });
    await until(async () => (await one.told()).length === 5);
    assert.deepEqual(await one.told(), [1, 2, 3, 4, 2]);
  });

  await t.test("are tried without anything being told or kept", async () => {
    const one = await fresh();
    vendor.rows.set("main", [{ id: 1 }, { id: 2 }, { id: 3 }]);
    const { status, body } = await one.tenant.api.post(`${one.path}/new-row/test`, {});
    assert.deepEqual([status, body], [200, { items: [{ id: 1 }, { id: 2 }], hasMore: true }]);
    assert.deepEqual([await one.told(), await one.state()], [[], undefined]);
    vendor.next.push({ status: 418 });
    assert.equal((await one.tenant.api.post(`${one.path}/new-row/test`, {})).body.code, "vendor-unavailable");
  });

  await t.test("ask a vendor in trouble less and less often, and no sooner than it says", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.settled();
    vendor.next.push({ status: 418 });
    const down = await one.poll();
    assert.deepEqual([down.failures, down.lastError.code], [1, "vendor-unavailable"]);
    assert.match(down.lastError.detail, /It is down\./);
    const wait = (state: { nextPollAt: string }) => (Date.parse(state.nextPollAt) - Date.now()) / 1000;
    assert.ok(wait(down) > 7_100 && wait(down) < 8_000, String(wait(down)));
    // Nobody's wish shortens that.
    const early = await one.tenant.api.post(`${one.path}/new-row/poll`);
    assert.deepEqual(
      [early.status, early.body.code, early.body.nextPollAt],
      [409, "trigger-backing-off", down.nextPollAt],
    );
    assert.ok(Number(early.headers.get("retry-after")) > 7_100);
    const comesDue = async () => {
      await db.query("update core.triggers set next_poll_at = now() where connection_id = $1", [
        one.connectionId,
      ]);
      return one.poll();
    };
    vendor.next.push({ status: 400 });
    const limited = await comesDue();
    assert.deepEqual([limited.failures, limited.lastError.code], [2, "vendor-rate-limited"]);
    assert.ok(wait(limited) > 14_300, String(wait(limited)));
    // Set anew, it starts over; but the vendor has asked for two hours, whoever asks.
    const anew = (await one.put({ enabled: true, startAt: "now" })).body.state;
    assert.deepEqual([anew.failures, anew.lastError], [0, null]);
    assert.ok(wait(anew) > 7_100 && wait(anew) < 7_300, String(wait(anew)));
    vendor.requests.length = 0;
    for (const door of ["poll", "test"] as const) {
      const held = await one.tenant.api.post(`${one.path}/new-row/${door}`, door === "test" ? {} : undefined);
      assert.deepEqual([held.status, held.body.code], [409, "trigger-backing-off"], door);
      assert.equal(held.body.nextPollAt, anew.nextPollAt);
      assert.match(held.body.detail, /^The vendor has asked "new-row" to wait/);
    }
    assert.deepEqual([(await one.state()).nextPollAt, vendor.requests], [anew.nextPollAt, []]);
    await db.query("update core.triggers set held_until = null where connection_id = $1", [one.connectionId]);
    vendor.next.push({ status: 200, body: '{"rows":[{"id":"one"}],"more":false}' });
    assert.equal((await comesDue()).lastError.code, "trigger-output-invalid");
    await one.put({ enabled: true });
    await one.settled();
    vendor.rows.set("main", [{ id: 1 }]);
    const up = await one.poll();
    assert.deepEqual([up.failures, up.lastError, await one.told()], [0, null, [1]]);
  });

  await t.test("tell an item once when a host that was taken for gone comes back with it", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.settled();
    vendor.rows.set("main", [{ id: 1 }]);
    const gate = Promise.withResolvers<void>();
    vendor.gate = gate.promise;
    vendor.requests.length = 0;
    await one.tenant.api.post(`${one.path}/new-row/poll`);
    await until(async () => vendor.requests.length === 1);
    // As after its lease: another polls, and stores what it found.
    await db.query("update core.triggers set lease_until = now() where connection_id = $1", [
      one.connectionId,
    ]);
    vendor.gate = Promise.resolve();
    await one.tenant.api.post(`${one.path}/new-row/poll`);
    await until(async () => (await one.told()).length === 1);
    const { told, lastPolledAt } = await one.state();
    gate.resolve();
    await until(async () => {
      const { rows } = await db.query(
        "select 1 from jobs.job where name = 'core.polls' and state = 'active' and data ->> 'connectionId' = $1",
        [one.connectionId],
      );
      return rows.length === 0;
    });
    assert.deepEqual([(await one.state()).told, (await one.state()).lastPolledAt], [told, lastPolledAt]);
    assert.deepEqual(await one.told(), [1]);
  });

  await t.test("have one poll waiting at most, however often they are asked for it", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.settled();
    const gate = Promise.withResolvers<void>();
    vendor.gate = gate.promise;
    vendor.requests.length = 0;
    const jobs = async (state: string) => {
      const { rows } = await db.query(
        "select 1 from jobs.job where name = 'core.polls' and state = $2 and data ->> 'connectionId' = $1",
        [one.connectionId, state],
      );
      return rows.length;
    };
    // While one is under way, and beside the one that waits for its time.
    for (let i = 0; i < 20; i++) {
      assert.equal((await one.tenant.api.post(`${one.path}/new-row/poll`)).status, 202);
      assert.ok((await jobs("created")) <= 1, `after ${i + 1}`);
    }
    await until(async () => vendor.requests.length === 1);
    gate.resolve();
    vendor.gate = Promise.resolve();
    await one.settled();
    await until(async () => (await jobs("created")) === 1 && (await jobs("active")) === 0);
    // It is that of the next time.
    const { rows } = await db.query(
      "select start_after = next_poll_at as is_next from jobs.job, core.triggers where name = 'core.polls' and state = 'created' and data ->> 'connectionId' = $1 and connection_id = $1",
      [one.connectionId],
    );
    assert.deepEqual(rows, [{ is_next: true }]);
  });

  await t.test("that are overdue are taken from each tenant in turn", async () => {
    const [many, few] = [await fresh(), await fresh()];
    const logger = createLogger({ name: "test", level: "silent" });
    const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
    const giveUp = new Error("Nobody is to poll these.");
    const overdue = (
      tx: Parameters<typeof listOverdue>[0],
      { connectionId, tenant }: typeof many,
      hours: number[],
    ) =>
      tx
        .insertInto("triggers")
        .values(
          hours.map((hour) => ({
            connection_id: connectionId,
            trigger: `of ${hour} hours ago`,
            tenant_id: tenant.id,
            is_enabled: true,
            config: "{}",
            interval_seconds: 60,
            is_first: false,
            failures: 0,
            next_poll_at: new Date(Date.now() - hour * 3_600_000),
          })),
        )
        .execute();
    const look = database
      .kysely<CoreDatabase>("core")
      .transaction()
      .execute(async (tx) => {
        await overdue(tx, many, [50, 40, 30, 20]);
        await overdue(tx, few, [2]);
        const found = await listOverdue(tx, 60, 3);
        assert.deepEqual(
          found.map(({ trigger }) => trigger),
          ["of 50 hours ago", "of 2 hours ago", "of 40 hours ago"],
        );
        throw giveUp;
      });
    await assert.rejects(look, giveUp);
    await database.close();
  });

  await t.test("are polled again when the host that did it is gone for good", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.settled();
    vendor.rows.set("main", [{ id: 1 }]);
    // Its job went with it, and its lease has run out.
    await db.query(
      "update core.triggers set lease_until = now() - interval '1 second', next_poll_at = now() - interval '5 minutes', revision = revision + 1 where connection_id = $1",
      [one.connectionId],
    );
    await db.query("delete from jobs.job where name = 'core.polls'");
    await db.query("insert into jobs.job (name, data) values ('core.polls-overdue', '{}')");
    await until(async () => (await one.told()).length === 1);
  });

  await t.test("tell what there is room for, and the rest when there is room again", async () => {
    const one = await fresh("acme/full");
    vendor.rows.set(
      "main",
      [1, 2, 3, 4].map((id) => ({ id })),
    );
    await one.put({ enabled: true, startAt: "beginning" });
    const full = await until(async () => {
      const state = await one.state();
      return state.lastError?.code === "events-limit-exceeded" && state;
    });
    assert.deepEqual([full.told, full.failures], [3, 0]);
    assert.deepEqual(await one.told(), [1, 2, 3]);
    await db.query("update core.event_usage set recent = 0 where plugin = 'acme/full'");
    const state = await one.poll();
    assert.deepEqual([state.told, state.lastError], [4, null]);
    assert.deepEqual(await one.told(), [1, 2, 3, 4]);
  });

  await t.test("end a first run that has no end, and tell what comes then", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.settled();
    await db.query("update core.triggers set is_first = true, first_pages = 99 where connection_id = $1", [
      one.connectionId,
    ]);
    vendor.rows.set(
      "main",
      [1, 2, 3, 4].map((id) => ({ id })),
    );
    await one.poll();
    assert.deepEqual(await one.told(), [3, 4]);
    // Anew, it counts from the start.
    await one.put({ enabled: true, startAt: "now" });
    await until(async () => (await one.state()).lastPolledAt && vendor.requests.length >= 5);
    await one.settled();
    assert.deepEqual(await one.told(), [3, 4]);
  });

  await t.test("remember no more items than they may, also of a first run", async () => {
    const one = await fresh("acme/full");
    vendor.rows.set(
      "main",
      [1, 2, 3, 4, 5, 6].map((id) => ({ id })),
    );
    await one.put({ enabled: true });
    const full = await until(async () => {
      const state = await one.state();
      return state.lastError?.code === "trigger-items-limit-exceeded" && state;
    });
    assert.deepEqual([full.told, full.failures], [0, 1]);
    assert.match(full.lastError.detail, /remembers 5 items at most/);
    const { rows } = await db.query(
      "select count(*)::int as kept from core.trigger_items where connection_id = $1",
      [one.connectionId],
    );
    assert.equal(rows[0].kept, 4);
  });

  await t.test("tell what a log cannot keep as it is: NUL, half a character, too much", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    await one.settled();
    vendor.rows.set("main", [
      { id: 1, text: "a\0b\ud800" },
      { id: 2, text: "x".repeat(70_000) },
    ]);
    await one.poll();
    const { body } = await one.tenant.api.get("/api/v1/events?type=trigger.new-row");
    assert.deepEqual(
      body.items.map((event: { data: object }) => event.data),
      [
        { id: 1, text: "a\ufffdb\ufffd" },
        { omitted: "event-too-large", key: "2" },
      ],
    );
  });

  await t.test("are known by name, and set up within their schema", async () => {
    const one = await fresh();
    const { api } = one.tenant;
    const { body } = await api.get(one.path);
    assert.deepEqual(
      body.items.map(({ name, kind, eventTypes }: { name: string; kind: string; eventTypes: string[] }) => [
        name,
        kind,
        eventTypes,
      ]),
      [
        ["new-row", "polling", ["trigger.new-row"]],
        ["paid", "webhook", ["row.paid"]],
      ],
    );
    for (const [wish, code] of [
      [{ enabled: true, config: { tabel: "x" } }, "trigger-config-invalid"],
      [{ enabled: true, config: { table: 1 } }, "trigger-config-invalid"],
      [{ enabled: true, intervalSeconds: 60 }, "trigger-config-invalid"],
      [{ enabled: true, config: { table: "a\0" } }, "invalid-request"],
      [{ enabled: true, cursor: "1" }, "invalid-request"],
      [{}, "invalid-request"],
    ] as const)
      assert.equal((await one.put(wish)).body.code, code, JSON.stringify(wish));
    for (const name of ["__proto__", "constructor", "toString", "none"])
      assert.equal((await api.get(`${one.path}/${name}`)).body.code, "trigger-not-found", name);
    assert.equal((await api.post(`${one.path}/paid/poll`)).body.code, "trigger-not-polling");
    assert.equal((await api.post(`${one.path}/paid/test`, {})).body.code, "trigger-not-polling");
  });

  await t.test(
    "have their settings' schema read once, and settings refused that take too long to check",
    async () => {
      const one = await fresh();
      const { api } = one.tenant;
      await one.put({ enabled: false, config: { table: "a" } });
      const pattern = newRow.config?.properties;
      const { table } = pattern as { table: { pattern: string } };
      let reads = 0;
      const Plain = globalThis.RegExp;
      globalThis.RegExp = new Proxy(Plain, {
        construct(target, given) {
          if (given[0] === table.pattern) reads++;
          return Reflect.construct(target, given);
        },
      });
      try {
        for (const name of ["b", "c", "d"]) {
          assert.equal((await one.put({ enabled: false, config: { table: name } })).status, 200);
          assert.equal((await api.post(`${one.path}/new-row/test`, { config: { table: name } })).status, 200);
        }
      } finally {
        globalThis.RegExp = Plain;
      }
      assert.equal(reads, 0);
      const refused = await one.put({ enabled: false, config: { heavy: Array(100_000).fill(1) } });
      assert.equal(refused.body.code, "trigger-config-invalid", JSON.stringify(refused.body).slice(0, 500));
      assert.deepEqual(
        refused.body.problems.map(({ message }: { message: string }) => message),
        ["The value is too large to be checked against its schema; send less at once."],
      );
    },
  );

  await t.test("are nobody else's", async () => {
    const one = await fresh();
    await one.put({ enabled: true });
    const other = await host.tenant();
    const body = { headers: { "content-type": "application/json" }, body: '{"enabled":false}' };
    for (const [method, place, init] of [
      ["GET", "", {}],
      ["GET", "/new-row", {}],
      ["PUT", "/new-row", body],
      ["POST", "/new-row/poll", {}],
      ["POST", "/new-row/test", { ...body, body: "{}" }],
    ] as const) {
      const answer = await other.api.send(method, `${one.path}${place}`, init);
      assert.deepEqual(
        [answer.status, answer.body.code],
        [404, "connection-not-found"],
        `${method} ${place}`,
      );
    }
    assert.equal((await one.state()).enabled, true);
    const reader = await host.tenant(["triggers:read", "entities:*"]);
    assert.equal((await reader.api.send("PUT", `${one.path}/new-row`, body)).status, 403);
    assert.equal((await (await host.tenant(["triggers:write"])).api.get(one.path)).status, 403);
  });

  await t.test("are not switched on any more in a tenant that is being erased", async () => {
    const one = await fresh();
    await one.tenant.api.get(one.path);
    await db.query("begin");
    await db.query("update core.tenants set erasing_since = now() where id = $1", [one.tenant.id]);
    const putting = one.put({ enabled: true });
    await untilSomebodyWaits(db);
    await db.query("commit");
    const { status, body } = await putting;
    assert.deepEqual([status, body.code], [404, "tenant-not-found"]);
  });

  assert.ok(!host.logged().includes('"status":500'));
});
