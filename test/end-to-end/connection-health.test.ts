/** How connections are looked after: tried, told of, carried elsewhere, and given up with their tenant. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "node:test";
import { loadMasterKey, open, unwrapKey } from "@plugboard/service-kit/crypto";
import { openDatabase } from "@plugboard/service-kit/database";
import { createJobs } from "@plugboard/service-kit/jobs";
import { createLogger } from "@plugboard/service-kit/observe";
import { sql } from "kysely";
import pg from "pg";
import { claimDue } from "../../core/kernel/connections/health/queries.ts";
import { upkeepQueue } from "../../core/kernel/upkeep/index.ts";
import type { CoreDatabase } from "../../core/tables.ts";
import { startTestHost, type TestTenant } from "../support/host.ts";
import { untilSomebodyWaits } from "../support/locks.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const masterKey = Buffer.alloc(32, 7).toString("base64");

test("connections are looked after", async (t) => {
  const vendor = {
    status: 200,
    keys: [] as (string | undefined)[],
    queries: [] as string[],
    /** Answers to this key go out when this is done. */
    held: undefined as { key: string; until: Promise<void> } | undefined,
  };
  const server = createServer(async (request, response) => {
    const { status, held } = vendor;
    vendor.keys.push(request.headers.authorization);
    vendor.queries.push(request.url ?? "");
    if (held && held.key === request.headers.authorization) await held.until;
    if (status === 0) return void request.socket.destroy();
    response.writeHead(status, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clock = { ms: Date.now() };
  const host = await startTestHost(t, {
    isolation: "thread",
    masterKey,
    now: () => clock.ms,
    healthRoundMs: 50,
    sandboxLimits: { connectionsPerTenant: 40 },
    egressRewrite: { "main.vendor.example": origin, "other.vendor.example": origin },
  });
  const db = new pg.Client({ connectionString: host.databaseUrl });
  await db.connect();
  const publisher = await registerPublisher(host.address, "acme");
  const request = "GET https://{site}.vendor.example/v1/account?fields=id";
  await publishTestPlugin(host.address, publisher, {
    id: "acme/shop",
    actions: { ping: { run: `await fetch("https://main.vendor.example/v1/ping"); return {};` } },
    permissions: {
      network: [{ hosts: ["{site}.vendor.example"], methods: ["GET"], reason: "Call the vendor" }],
      events: { publish: ["order.made"], reason: "Tell of orders" },
      storage: { maxBytes: 4096, reason: "Remember" },
    },
    manifest: {
      auth: [
        { type: "bearer", test: { request } },
        { type: "apiKey", in: "query", name: "key", test: { request } },
        { type: "basic" },
      ],
      connection: {
        config: {
          type: "object",
          additionalProperties: false,
          required: ["site"],
          properties: { site: { type: "string", enum: ["main", "other"] } },
        },
      },
    },
  });
  const tenant = await host.tenant();
  const installId = await install(tenant);

  async function install({ api }: TestTenant): Promise<string> {
    const asked = await api.post("/api/v1/installs", { plugin: "acme/shop" });
    return (await api.post("/api/v1/installs", { plugin: "acme/shop", consent: asked.body.consent })).body.id;
  }
  async function create(auth: object = { type: "bearer", token: "token-0123456789" }): Promise<string> {
    const made = await tenant.api.post("/api/v1/connections", {
      installId,
      name: "A shop",
      config: { site: "main" },
      auth,
    });
    assert.equal(made.status, 201, JSON.stringify(made.body));
    return made.body.id;
  }
  const read = async (id: string) => (await tenant.api.get(`/api/v1/connections/${id}`)).body;
  const healthOf = async (id: string) => (await tenant.api.get(`/api/v1/connections/${id}/health`)).body;
  const tryNow = (id: string) => tenant.api.post(`/api/v1/connections/${id}/test`);
  const told = async (id: string) => {
    const { body } = await tenant.api.get("/api/v1/events?type=plugboard.connection.*&limit=100");
    const items = body.items as { type: string; data: { connectionId: string } }[];
    return items
      .filter(({ data }) => data.connectionId === id)
      .map(({ type }) => type.replace("plugboard.connection.", ""));
  };
  /** Has the connection be due, and waits until a host has looked. */
  async function lookedAt(id: string): Promise<void> {
    const { checks } = await healthOf(id);
    await db.query("update core.connection_health set next_check_at = now() where connection_id = $1", [id]);
    for (;;) {
      const { rows } = await db.query(
        "select next_check_at > now() as looked from core.connection_health where connection_id = $1",
        [id],
      );
      const after = await healthOf(id);
      const isNew =
        after.checks[0]?.checkedAt !== checks[0]?.checkedAt || after.checks.length !== checks.length;
      if (rows[0].looked && isNew) return;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  await t.test("a test shows whether the credential works, with what the plugin declares", async () => {
    const id = await create();
    const { body } = await tryNow(id);
    assert.deepEqual([body.outcome, body.httpStatus, body.status], ["ok", 200, "active"]);
    assert.deepEqual(
      [vendor.keys.at(-1), vendor.queries.at(-1)],
      ["Bearer token-0123456789", "/v1/account?fields=id"],
    );
    const health = await healthOf(id);
    assert.deepEqual([health.state, health.failures, health.checks[0].outcome], ["healthy", 0, "ok"]);
  });

  await t.test(
    "what follows from a test waits for whoever changes the connection, and holds up nobody",
    async () => {
      const id = await create();
      vendor.status = 401;
      await tryNow(id);
      await db.query("begin");
      await db.query("update core.connections set name = 'Changing' where id = $1", [id]);
      const testing = tryNow(id);
      await untilSomebodyWaits(db);
      await db.query("select from core.connection_health where connection_id = $1 for update nowait", [id]);
      await db.query("commit");
      assert.equal((await testing).body.outcome, "refused");
      assert.deepEqual([(await read(id)).name, (await read(id)).status], ["Changing", "error"]);
      vendor.status = 200;
    },
  );

  await t.test("a key in the query is tried the same way", async () => {
    const id = await create({ type: "apiKey", key: "key-0123456789" });
    assert.equal((await tryNow(id)).body.outcome, "ok");
    assert.equal(vendor.queries.at(-1), "/v1/account?fields=id&key=key-0123456789");
  });

  await t.test("where the plugin declares no test there is none", async () => {
    const id = await create({ type: "basic", username: "user", password: "password-0123" });
    assert.equal((await tryNow(id)).body.code, "connection-not-testable");
  });

  await t.test(
    "a credential that is refused twice stops the connection; one that works again brings it back",
    async () => {
      const id = await create();
      clock.ms += 1_000;
      vendor.status = 401;
      assert.deepEqual([(await tryNow(id)).body.outcome, (await read(id)).status], ["refused", "active"]);
      clock.ms += 1_000;
      await lookedAt(id);
      const { status, statusReason } = await read(id);
      assert.deepEqual([status, statusReason], ["error", "credential-refused"]);
      const called = await tenant.api.post(`/api/v1/connections/${id}/actions/ping`, { input: {} });
      assert.deepEqual([called.body.code, called.body.connectionStatus], ["connection-inactive", "error"]);
      vendor.status = 200;
      clock.ms += 1_000;
      await lookedAt(id);
      assert.equal((await read(id)).status, "active");
      assert.deepEqual(await told(id), ["failed", "recovered"]);
    },
  );

  await t.test(
    "a credential that is refused in a call is looked into soon, and not for every call",
    async () => {
      const id = await create();
      await tryNow(id);
      const call = () => tenant.api.post(`/api/v1/connections/${id}/actions/ping`, { input: {} });
      const nextInMs = async () => Date.parse((await healthOf(id)).nextCheckAt) - Date.now();
      assert.equal((await call()).status, 200);
      assert.ok((await nextInMs()) > 600_000);
      vendor.status = 403;
      assert.equal((await call()).status, 200);
      vendor.status = 401;
      assert.equal((await call()).status, 200);
      const isSoon = async () => {
        while ((await nextInMs()) > 60_000) await new Promise((resolve) => setTimeout(resolve, 20));
      };
      await isSoon();
      vendor.status = 200;
      await tryNow(id);
      vendor.status = 401;
      assert.equal((await call()).status, 200);
      assert.ok((await nextInMs()) > 600_000, "not again within five minutes");
      clock.ms += 300_000;
      assert.equal((await call()).status, 200);
      await isSoon();
      vendor.status = 200;
    },
  );

  await t.test("a refusal of the old credential is not held against the new one", async () => {
    const old = { type: "bearer", token: "old-token-0123456789" };
    const id = await create(old);
    await db.query(
      "update core.connection_health set next_check_at = now() + interval '1 day' where connection_id = $1",
      [id],
    );
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    Object.assign(vendor, { status: 401, held: { key: `Bearer ${old.token}`, until } });
    const asked = vendor.keys.length;
    const testing = [tryNow(id), tryNow(id)];
    while (vendor.keys.length < asked + 2) await new Promise(setImmediate);
    vendor.status = 200;
    const auth = { type: "bearer", token: "new-token-0123456789" };
    assert.equal((await tenant.api.patch(`/api/v1/connections/${id}`, { auth })).status, 200);
    letGo();
    for (const { body } of await Promise.all(testing)) assert.equal(body.outcome, "refused");
    const { status, failures, checks } = await healthOf(id);
    assert.deepEqual([status, failures], ["active", 0]);
    assert.ok(!checks.some(({ outcome }: { outcome: string }) => outcome === "refused"));
  });

  await t.test("switched off and on again, what was said against it is not forgotten", async () => {
    const id = await create();
    const path = `/api/v1/connections/${id}`;
    const standing = ({ status, statusReason }: { status: string; statusReason: string | null }) => [
      status,
      statusReason,
    ];
    const change = async (status: string) => standing((await tenant.api.patch(path, { status })).body);
    vendor.status = 401;
    await tryNow(id);
    await tryNow(id);
    assert.deepEqual(await change("inactive"), ["inactive", "credential-refused"]);
    assert.deepEqual(await change("active"), ["testing", "credential-refused"], "to be tried first");
    assert.equal((await tenant.api.post(`${path}/actions/ping`, { input: {} })).status, 409);
    await lookedAt(id);
    assert.deepEqual(standing(await read(id)), ["error", "credential-refused"]);
    await change("inactive");
    vendor.status = 200;
    await tryNow(id);
    assert.deepEqual(standing(await read(id)), ["inactive", null], "a success takes it back");
    assert.deepEqual(await change("active"), ["active", null]);
  });

  await t.test("reading the status asks nobody, and not the database", async () => {
    const id = await create();
    await tryNow(id);
    const paths = [`/api/v1/connections/${id}`, `/api/v1/connections/${id}/health`];
    async function answeredWhileLocked(): Promise<boolean> {
      await Promise.all(paths.map((path) => tenant.api.get(path)));
      await db.query("begin");
      await db.query(
        `lock table core.connections, core.connection_health, core.connection_checks, core.installs, core.api_keys,
           core.tenants in access exclusive mode`,
      );
      const headers = { authorization: `Bearer ${tenant.key}` };
      const signal = AbortSignal.timeout(5_000);
      const answers = paths.map((path) => fetch(`${host.address}${path}`, { headers, signal }));
      const settled = await Promise.allSettled(answers);
      await db.query("rollback");
      return settled.every((answer) => answer.status === "fulfilled" && answer.value.status === 200);
    }
    // The database may still be about to tell the host of what it has just done, which it then reads once more.
    let isAnswered = false;
    for (let tries = 0; tries < 5 && !isAnswered; tries++) isAnswered = await answeredWhileLocked();
    assert.ok(isAnswered);
  });

  await t.test("a vendor that is down is seen, and stops nothing", async () => {
    const id = await create();
    for (const [status, outcome] of [
      [503, "failed"],
      [0, "unreachable"],
      [503, "failed"],
    ] as const) {
      vendor.status = status;
      assert.equal((await tryNow(id)).body.outcome, outcome);
    }
    vendor.status = 200;
    const { state, failures, status } = await healthOf(id);
    assert.deepEqual([state, failures, status], ["failing", 3, "active"]);
  });

  await t.test("one that is switched off is not tried by itself, and can be tried by its owner", async () => {
    const id = await create();
    await tenant.api.patch(`/api/v1/connections/${id}`, { status: "inactive" });
    const before = vendor.keys.length;
    await db.query("update core.connection_health set next_check_at = now() where connection_id = $1", [id]);
    for (let due = true; due; ) {
      const { rows } = await db.query(
        "select next_check_at <= now() as due from core.connection_health where connection_id = $1",
        [id],
      );
      due = rows[0].due;
    }
    assert.equal(vendor.keys.length, before);
    assert.equal((await tryNow(id)).body.outcome, "ok");
    assert.equal((await read(id)).status, "inactive");
  });

  await t.test("an owner is told of a credential that ends, some times before it does", async () => {
    const id = await create();
    const day = 86_400_000;
    const endsAt = clock.ms + 20 * day;
    await db.query("update core.connections set credential_expires_at = $2 where id = $1", [
      id,
      new Date(endsAt),
    ]);
    for (const days of [13, 12, 6, 0.5, 0.4]) {
      clock.ms = endsAt - days * day;
      await lookedAt(id);
    }
    assert.deepEqual(await told(id), ["expiring", "expiring", "expiring"]);
  });

  await t.test("configuration goes from tenant to tenant without the credential", async () => {
    const id = await create();
    const requests = { limits: [{ type: "fixed-window", requests: 5, seconds: 60 }] };
    await tenant.api.patch(`/api/v1/connections/${id}`, { requests });
    const exported = await tenant.api.get(`/api/v1/connections/${id}/export`);
    assert.deepEqual(exported.body, {
      format: "plugboard-connection-1",
      plugin: "acme/shop",
      name: "A shop",
      config: { site: "main" },
      requests,
      auth: { type: "bearer" },
    });
    const other = await host.tenant();
    const refused = await other.api.post("/api/v1/connections/import", { connection: exported.body });
    assert.equal(refused.body.code, "install-not-found");
    await install(other);
    const imported = await other.api.post("/api/v1/connections/import", { connection: exported.body });
    assert.deepEqual(
      [imported.status, imported.body.status, imported.body.config, imported.body.requests],
      [201, "configuring", { site: "main" }, requests],
    );
    const path = `/api/v1/connections/${imported.body.id}`;
    assert.equal(
      (await other.api.patch(path, { status: "active" })).body.code,
      "connection-has-no-credential",
    );
    assert.equal((await other.api.post(`${path}/test`)).body.code, "connection-has-no-credential");
    const given = await other.api.patch(path, { auth: { type: "bearer", token: "another-0123456789" } });
    assert.equal(given.body.status, "active");
    const shared = { limits: [{ ...requests.limits[0], per: "plugin" }] };
    for (const bad of [{ config: { site: "evil" } }, { requests: shared }]) {
      const connection = { ...exported.body, ...bad };
      const { body } = await other.api.post("/api/v1/connections/import", { connection });
      assert.equal(body.code, "connection-config-invalid", JSON.stringify(bad));
    }
    const clone = await tenant.api.post(`/api/v1/connections/${id}/clone`, {
      name: "Two",
      config: { site: "other" },
    });
    assert.deepEqual(
      [clone.body.name, clone.body.status, clone.body.config, clone.body.requests],
      ["Two", "configuring", { site: "other" }, requests],
    );
    const unpaced = await tenant.api.post(`/api/v1/connections/${id}/clone`, { name: "3", requests: null });
    assert.equal(unpaced.body.requests, null);
  });

  await t.test("a tenant has as many connections as the operator allows, and no more", async () => {
    const many = await host.tenant();
    const manyInstall = await install(many);
    const token = "token-of-many-0123456789";
    const input = {
      installId: manyInstall,
      name: "x",
      config: { site: "main" },
      auth: { type: "bearer", token },
    };
    const made = await Promise.all(
      Array.from({ length: 43 }, () => many.api.post("/api/v1/connections", input)),
    );
    const refused = made.filter(({ status }) => status !== 201);
    assert.equal(refused.length, 3);
    for (const { status, body } of refused)
      assert.deepEqual([status, body.code, body.limit], [429, "connections-limit-exceeded", 40]);
    const clone = await many.api.post(
      `/api/v1/connections/${made.find(({ status }) => status === 201)?.body.id}/clone`,
      { name: "y" },
    );
    assert.equal(clone.body.code, "connections-limit-exceeded");
    const metrics = await host.anonymous.get("/metrics");
    assert.match(metrics.body, /limit_reached_total\{plugin="acme\/shop",limit="connectionsPerTenant"\} 4/);

    // All of them are due, and their vendor does not answer: the others have their turn all the same.
    const id = await create();
    const { promise: until, resolve: letGo } = Promise.withResolvers<void>();
    vendor.held = { key: `Bearer ${token}`, until };
    const looks = () => vendor.keys.filter((key) => key === `Bearer ${token}`).length;
    const before = looks();
    await db.query(
      "update core.connection_health set next_check_at = now() - interval '1 hour' where tenant_id = $1",
      [many.id],
    );
    while (looks() === before) await new Promise(setImmediate);
    await lookedAt(id);
    assert.ok(looks() - before < 20, "of the many, few are looked at at a time");
    letGo();
  });

  await t.test("of very many that are due a few are read, of each tenant its oldest", async (t) => {
    const id = await create();
    const logger = createLogger({ name: "test", level: "silent" });
    const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
    t.after(() => database.close());
    const crowd = await host.tenant();
    await install(crowd);
    const undone = new Error("Nobody is to look at these.");
    const taking = database
      .kysely<CoreDatabase>("core")
      .transaction()
      .execute(async (tx) => {
        await sql`insert into core.connections select (jsonb_populate_record(one, jsonb_build_object(
            'id', 'con_' || i, 'tenant_id', ${crowd.id}::text, 'key_generation', null, 'sealed_credential', null,
            'install_id', (select id from core.installs where tenant_id = ${crowd.id})))).*
          from core.connections one, generate_series(1, 3000) i where one.id = ${id}`.execute(tx);
        await sql`insert into core.connection_health (connection_id, tenant_id, state, next_check_at)
          select id, tenant_id, 'unknown', now() - interval '1 day' - right(id, -4)::int * interval '1 second'
          from core.connections where tenant_id = ${crowd.id}`.execute(tx);
        await sql`update core.connection_health set next_check_at = now() where connection_id = ${id}`.execute(
          tx,
        );
        // As the planner has it by itself where there are very many.
        for (const way of ["seqscan", "bitmapscan", "hashjoin", "mergejoin"])
          await sql`set local ${sql.raw(`enable_${way}`)} = off`.execute(tx);
        const reads = async () => {
          const { rows } = await sql<{ reads: string }>`select seq_tup_read + idx_tup_fetch as reads
            from pg_stat_xact_user_tables where relid = 'core.connection_health'::regclass`.execute(tx);
          return Number(rows[0]?.reads);
        };
        const before = await reads();
        const taken = await claimDue(tx, { limit: 60, perTenant: 3, except: [], forMs: 60_000 });
        const read = (await reads()) - before;
        assert.ok(read < 500, `${read} rows were read`);
        const ofCrowd = taken.filter(({ tenant_id }) => tenant_id === crowd.id).map((one) => one.id);
        assert.deepEqual(ofCrowd.sort(), ["con_2998", "con_2999", "con_3000"]);
        assert.ok(taken.some((one) => one.id === id));
        throw undone;
      });
    await assert.rejects(taking, undone);
  });

  await t.test("nothing is made for a tenant that is being erased, not even in the last moment", async () => {
    const leaving = await host.tenant();
    const leavingInstall = await install(leaving);
    const plugin = "acme/empty";
    await publishTestPlugin(host.address, publisher, { id: plugin });
    const { consent } = (await leaving.api.post("/api/v1/installs", { plugin })).body;
    const auth = { type: "bearer", token: "token-0123456789" };
    const early = { installId: leavingInstall, name: "early", config: { site: "main" }, auth };
    const { id: earlier } = (await leaving.api.post("/api/v1/connections", early)).body;
    await db.query("begin");
    await db.query("update core.tenants set erasing_since = now() where id = $1", [leaving.id]);
    const connection = {
      format: "plugboard-connection-1",
      plugin: "acme/shop",
      name: "x",
      config: { site: "main" },
    };
    const making = [
      host.admin.post("/api/v1/api-keys", { name: "late", tenantId: leaving.id, scopes: ["*"] }),
      leaving.api.post("/api/v1/api-keys", { name: "late", scopes: ["*"] }),
      leaving.api.post("/api/v1/connections", { ...early, name: "late" }),
      leaving.api.send("PATCH", `/api/v1/connections/${earlier}`, {
        headers: { "content-type": "application/json" },
        body: '{"status":"active"}',
      }),
      leaving.api.post("/api/v1/connections/import", {
        connection: { ...connection, auth: { type: "basic" } },
      }),
      leaving.api.post("/api/v1/installs", { plugin, consent }),
    ];
    await untilSomebodyWaits(db, making.length);
    await db.query("commit");
    for (const { status, body } of await Promise.all(making))
      assert.deepEqual([status, body.code], [404, "tenant-not-found"]);

    // As it is left when the job of its erasure is lost.
    const jobs = createJobs({
      database: { url: host.databaseUrl } as Parameters<typeof createJobs>[0]["database"],
      logger: createLogger({ name: "test", level: "error" }),
    });
    const upkeep = jobs.define(upkeepQueue, { policy: "exclusive", retryLimit: 0, deadLetter: false });
    await jobs.start();
    await jobs.send(upkeep, {});
    for (let status = 200; status !== 404; )
      ({ status } = await host.admin.get(`/api/v1/tenants/${leaving.id}`));
    await jobs.stop(0);
  });

  await t.test("an erased tenant leaves nothing, and its sealed secrets open nowhere", async () => {
    const kept = await create();
    const gone = await host.tenant();
    const goneInstall = await install(gone);
    const made = await gone.api.post("/api/v1/connections", {
      installId: goneInstall,
      name: "Gone",
      config: { site: "main" },
      auth: { type: "bearer", token: "the-secret-0123456789" },
    });
    await gone.api.post("/api/v1/connections/import", {
      connection: {
        format: "plugboard-connection-1",
        plugin: "acme/shop",
        name: "x",
        config: { site: "main" },
        auth: { type: "basic" },
      },
    });
    const { rows: backup } = await db.query("select sealed_credential from core.connections where id = $1", [
      made.body.id,
    ]);
    await db.query(`
      create function jobs.refuse() returns trigger language plpgsql as $$ begin raise 'full'; end $$;
      create trigger refuse before insert on jobs.job for each row
        when (new.name = 'core.erasures') execute function jobs.refuse()`);
    assert.equal((await host.admin.delete(`/api/v1/tenants/${gone.id}`)).status, 500);
    assert.equal((await gone.api.get("/api/v1/connections")).status, 200, "begun whole, or not at all");
    await db.query("drop function jobs.refuse cascade");
    const erased = await host.admin.delete(`/api/v1/tenants/${gone.id}`);
    assert.equal(erased.status, 202);
    assert.equal((await gone.api.get("/api/v1/connections")).status, 401, "its keys are gone at once");
    for (let status = 200; status !== 404; )
      ({ status } = await host.admin.get(`/api/v1/tenants/${gone.id}`));

    const { rows: tables } = await db.query(
      "select table_name as name from information_schema.columns where table_schema = 'core' and column_name = 'tenant_id'",
    );
    assert.ok(tables.length > 15);
    for (const { name } of tables) {
      const { rows } = await db.query(
        `select count(*)::int as count from core.${name} where tenant_id = $1`,
        [gone.id],
      );
      assert.equal(rows[0].count, 0, name);
    }
    const { rows: left } = await db.query("select status from registry.installs where id = $1", [
      goneInstall,
    ]);
    assert.equal(left[0].status, "uninstalled");

    const master = await loadMasterKey({ masterKey, dataDir: "" });
    const { rows: keys } = await db.query("select wrapped_key from core.data_keys");
    assert.ok(keys.length > 0);
    for (const { wrapped_key } of keys) {
      const bound = `credential:${gone.id}:${made.body.id}`;
      assert.throws(
        () => open(unwrapKey(master, wrapped_key), backup[0].sealed_credential, bound),
        /does not open/,
      );
    }
    assert.equal((await host.admin.delete(`/api/v1/tenants/${gone.id}`)).body.code, "tenant-not-found");
    assert.equal((await tryNow(kept)).body.outcome, "ok", "others go on");
    const refused = await tenant.api.delete(`/api/v1/tenants/${tenant.id}`);
    assert.equal(refused.status, 403, "a tenant cannot do this");
  });

  await t.test("the operator sees how far a rotation of keys has come, and a tenant does not", async () => {
    const id = await create();
    assert.equal((await tryNow(id)).body.outcome, "ok");
    const newest = async () => {
      const found = await db.query("select max(generation) from core.data_keys where tenant_id = $1", [
        tenant.id,
      ]);
      return Number(found.rows[0].max);
    };
    const before = await newest();
    const { body } = await host.admin.send("POST", "/api/v1/vault/rotate", {
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tenantId: tenant.id }),
    });
    // How many are still to be sealed anew; that may be done before the answer is made.
    assert.ok(body.toReseal >= 0, JSON.stringify(body));
    assert.equal(await newest(), before + 1);
    for (let toReseal = 1; toReseal > 0; ) ({ toReseal } = (await host.admin.get("/api/v1/vault")).body);
    assert.equal((await tryNow(id)).body.outcome, "ok");
    await db.query("update core.data_keys set created_at = now() - interval '2 minutes'");
    await host.admin.post("/api/v1/vault/rewrap");
    for (let rotating = 1; rotating > 0; ) ({ rotating } = (await host.admin.get("/api/v1/vault")).body);
    assert.equal((await tryNow(id)).body.outcome, "ok", "nothing that is remembered needs the old key");
    assert.equal((await tenant.api.get("/api/v1/vault")).status, 403);
  });
  await t.test("a host with a new master key alone starts, once everything is under it", async (t) => {
    const id = await create();
    const next = Buffer.alloc(32, 8).toString("base64");
    const shared = {
      beside: host,
      isolation: "thread" as const,
      egressRewrite: { "main.vendor.example": origin },
    };
    const both = await startTestHost(t, { ...shared, masterKey: `${next},${masterKey}` });
    assert.ok((await both.admin.get("/api/v1/vault")).body.toRewrap > 0);
    await both.admin.post("/api/v1/vault/rewrap");
    for (let toRewrap = 1; toRewrap > 0; ) ({ toRewrap } = (await both.admin.get("/api/v1/vault")).body);
    const after = await startTestHost(t, { ...shared, masterKey: next });
    const { keyIds } = (await after.admin.get("/api/v1/vault")).body;
    assert.equal(keyIds.length, 1);
    const tried = await fetch(`${after.address}/api/v1/connections/${id}/test`, {
      method: "POST",
      headers: { authorization: `Bearer ${tenant.key}` },
    });
    assert.equal(((await tried.json()) as { outcome: string }).outcome, "ok");
  });
  await db.end();
});
