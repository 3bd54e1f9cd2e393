/** Which streams a host listens on, while its database, or a vendor of one of them, does not answer. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sql } from "kysely";
import type { Changes } from "../../kernel/changes/index.ts";
import { type SupervisorKernel, startSupervisor } from "../../modules/triggers/streams/index.ts";
import { openCoreDatabase } from "../storage/harness.ts";

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
  const logger = { info: silent, warn: silent, error: silent, child: () => logger };
  const kernel = {
    db,
    changes,
    mostStreams: 10,
    leaseMs,
    logger,
    connections: { use: async (_: string, id: string) => ({ id, installId: "" }) },
    installs: { get: async () => ({}), manifest: async () => ({}) },
    runner: {
      runTrigger: async () => ({ output: { url: "wss://wss.vendor.test/" } }),
      openStream: async (o: { connection: { id: string }; signal: AbortSignal }) => {
        waiting.get(o.connection.id)?.(o.signal);
        return {
          counts: { received: 0, sent: 0, lastMessageAt: undefined },
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
    look: (id: string) => look(id),
    /** A stream of a tenant of its own. @returns its connection, once it is listened on */
    async stream(id: string): Promise<AbortSignal> {
      const { tenantId, installId } = await install();
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
