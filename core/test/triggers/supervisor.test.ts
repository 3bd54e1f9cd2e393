/** Which streams a host listens on, while its database, or a vendor of one of them, does not answer. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { Changes } from "../../kernel/changes/index.ts";
import { createPluginSettings } from "../../kernel/limits/index.ts";
import { type SupervisorKernel, startSupervisor } from "../../modules/triggers/streams/index.ts";
import { type Install, openCoreDatabase } from "../storage/harness.ts";

/** A host over a real database, whose vendors say nothing. */
async function startHost(t: TestContext, { leaseMs }: { leaseMs: number }) {
  let stop = async () => {};
  t.after(() => stop());
  const { db, install } = await openCoreDatabase(t);
  const waiting = new Map<string, (signal: AbortSignal) => void>();
  let look: (id: string) => void = () => {};
  const changes: Pick<Changes, "onChange" | "transaction"> = {
    onChange: (_, listener) => {
      look = (id) => void listener(id, undefined);
    },
    transaction: (over, work) => over.transaction().execute((tx) => work(tx, async () => {})),
  };
  const silent = () => {};
  const failures = { seen: 0 };
  const logger = { info: silent, warn: silent, error: () => failures.seen++, child: () => logger };
  const limits = { ...createPluginSettings().host };
  /** What all sockets have heard. */
  const counts = { received: 0, sent: 0, lastMessageAt: undefined };
  const kernel = {
    db,
    changes,
    settings: { host: limits, limits: () => limits },
    leaseMs,
    logger,
    connections: { use: async (_: string, id: string) => ({ id, installId: "" }) },
    installs: { get: async () => ({}), manifest: async () => ({}) },
    runner: {
      runTrigger: async () => ({ output: { url: "wss://wss.vendor.test/" } }),
      openStream: async (o: { connection: { id: string }; signal: AbortSignal }) => {
        waiting.get(o.connection.id)?.(o.signal);
        return {
          counts,
          send: async () => {},
          next: () =>
            new Promise((_, reject) => o.signal.addEventListener("abort", () => reject(o.signal.reason))),
          close: silent,
          renewCredential: async () => false,
          // Its vendor's token endpoint does not answer.
          hasCurrentCredential: () => new Promise(() => {}),
        };
      },
    },
  } as unknown as SupervisorKernel;
  ({ stop } = startSupervisor(kernel));

  return {
    db,
    failures,
    limits,
    counts,
    install,
    look: (id: string) => look(id),
    /** A stream, by default of a tenant of its own. Resolves once it is listened on. */
    async stream(id: string, owner?: Install): Promise<AbortSignal> {
      const { tenantId, installId } = owner ?? (await install());
      const connection = { id, tenant_id: tenantId, install_id: installId, name: id, config: "{}" };
      await db
        .insertInto("connections")
        .values({ ...connection, auth_type: "apiKey", status: "active" })
        .execute();
      const isOpen = new Promise<AbortSignal>((resolve) => waiting.set(id, resolve));
      const place = { connection_id: id, trigger: "posted", tenant_id: tenantId };
      await db
        .insertInto("streams")
        .values({ ...place, is_enabled: true, config: "{}", state: "null" })
        .execute();
      look(id);
      return isOpen;
    },
    async row(id: string) {
      return db.selectFrom("streams").selectAll().where("connection_id", "=", id).executeTakeFirst();
    },
  };
}

const aborted = (signal: AbortSignal) =>
  signal.aborted || new Promise((resolve) => signal.addEventListener("abort", resolve));

test("a host that does not reach the database gives its streams up when their time is over", async (t) => {
  const host = await startHost(t, { leaseMs: 600 });
  const signal = await host.stream("con_1");
  await sql`alter table core.streams rename to away`.execute(host.db);
  await aborted(signal);
  await sql`alter table core.away rename to streams`.execute(host.db);
});

test("a token endpoint that does not answer holds up no other tenant's streams", async (t) => {
  const host = await startHost(t, { leaseMs: 30_000 });
  const slow = await host.stream("con_1");
  await host.db.updateTable("connections").set({ credential_version: 2 }).execute();
  host.look("con_1");
  await host.stream("con_2");
  assert.equal(slow.aborted, false);
});

test("whose row somebody holds costs the others nothing", async (t) => {
  const host = await startHost(t, { leaseMs: 1_500 });
  await host.stream("con_1");
  await host.stream("con_2");
  const leaseOf = async (id: string) => {
    const query = host.db.selectFrom("streams").select("lease_until").where("connection_id", "=", id);
    return Number((await query.executeTakeFirstOrThrow()).lease_until);
  };
  const grows = async (id: string) => {
    const lease = await leaseOf(id);
    for (let looks = 0; looks < 3_000 && (await leaseOf(id)) <= lease; looks++) await sleep(20);
    assert.ok((await leaseOf(id)) > lease, `the lease of ${id} is not kept`);
  };
  await host.db.transaction().execute(async (holder) => {
    await sql`select from core.streams where connection_id = 'con_1' for update`.execute(holder);
    await grows("con_2");
    await grows("con_2");
  });
  await grows("con_1");
});

test("a tenant, or a plugin, that has all it may is left out until one of its streams ends", async (t) => {
  const host = await startHost(t, { leaseMs: 30_000 });
  const cases = [
    { limit: "hostStreamsPerTenant", isOneInstall: false },
    { limit: "streamsPerTenant", isOneInstall: true },
    { limit: "streamsPerPlugin", isOneInstall: true },
  ] as const;
  for (const { limit, isOneInstall } of cases) {
    const first = await host.install();
    const second = isOneInstall ? first : await host.install(first.tenantId);
    const most = host.limits[limit];
    host.limits[limit] = 1;
    await host.stream(`${limit} 1`, first);
    const waits = host.stream(`${limit} 2`, second);
    waits.catch(() => {});
    while (!(await host.row(`${limit} 2`))) await sleep(5);
    // Taken in one step with what is due of others.
    await host.stream(`${limit} of another`);
    assert.equal((await host.row(`${limit} 2`))?.epoch, 0, limit);
    const off = host.db.updateTable("streams").set({ is_enabled: false, revision: 2 });
    await off.where("connection_id", "=", `${limit} 1`).execute();
    host.look(`${limit} 1`);
    await waits;
    host.limits[limit] = most;
  }
});

test("of what is due at once no more is taken than there is room for", async (t) => {
  const host = await startHost(t, { leaseMs: 30_000 });
  for (const limit of ["streamsPerTenant", "streamsPerPlugin"] as const) {
    const owner = await host.install();
    await sql`update core.installs set status = 'disabled' where id = ${owner.installId}`.execute(host.db);
    const names = [1, 2, 3].map((number) => `${limit} ${number}`);
    const opened = names.map((name) => host.stream(name, owner));
    while ((await Promise.all(names.map(host.row))).includes(undefined)) await sleep(5);
    const most = host.limits[limit];
    host.limits[limit] = 2;
    await sql`update core.installs set status = 'active' where id = ${owner.installId}`.execute(host.db);
    host.look(owner.installId);
    const first = await Promise.race(opened.map(async (open, index) => (await open) && index));
    await Promise.any(opened.filter((_, index) => index !== first));
    const epochs = (await Promise.all(names.map(host.row))).map((row) => row?.epoch);
    assert.deepEqual(epochs.sort(), [0, 1, 1], limit);
    host.limits[limit] = most;
    host.look(owner.installId);
    await Promise.all(opened);
  }
});

test("what was counted while the database was away is written down later", async (t) => {
  const host = await startHost(t, { leaseMs: 30_000 });
  await host.stream("con_1");
  await sql`alter table core.streams rename to away`.execute(host.db);
  host.counts.received = 7;
  host.look("con_1");
  while (host.failures.seen === 0) await sleep(5);
  await sql`alter table core.away rename to streams`.execute(host.db);
  for (let looks = 0; looks < 3_000 && (await host.row("con_1"))?.received_count !== 7; looks++)
    await sleep(20);
  assert.equal((await host.row("con_1"))?.received_count, 7);
});
