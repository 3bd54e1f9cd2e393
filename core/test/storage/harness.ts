import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { type Json, JsonText, type Payload } from "@plugboard/sandbox";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import type { Kysely } from "kysely";
import {
  createDatabaseShare,
  createPluginStorage,
  defaultDatabaseShareLimits,
  defaultStorageLimits,
  type OpenCapability,
  type StorageLimits,
} from "../../kernel/capabilities/index.ts";
import { coreMigrations } from "../../migrations/index.ts";
import type { CoreDatabase } from "../../tables.ts";

export interface Install {
  tenantId: string;
  installId: string;
}

const schema = { migrated: [{ schema: "core", migrations: coreMigrations }] };

/** A database with the tables of the core, and as many installs in it as a test asks for. */
export async function openCoreDatabase(t: TestContext) {
  const database = await openTestDatabase(t, { maxConnections: 20, schema });
  const db = database.kysely<CoreDatabase>("core");

  /** Until so many wait for what others hold; should they never, the test says so. */
  async function untilWaiting(most: number): Promise<void> {
    for (const until = Date.now() + 60_000; Date.now() < until; await setTimeout(5)) {
      const { rows } = await database.pool.query(
        "select count(*)::int as waiting from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      );
      if (rows[0].waiting >= most) return;
    }
    throw new Error(`fewer than ${most} waited for what others hold`);
  }

  return {
    db,
    untilWaiting,
    /**
     * Begins `writes` while the install's usage is held by another writer, and lets that go when all of them wait: so
     * that they meet however fast each is.
     */
    async collide<T>(
      { installId }: Install,
      writes: (() => Promise<T>)[],
    ): Promise<PromiseSettledResult<T>[]> {
      const holder = await database.pool.connect();
      try {
        await holder.query("begin");
        await holder.query("select from core.plugin_storage_usage where install_id = $1 for update", [
          installId,
        ]);
        const outcomes = Promise.allSettled(writes.map((write) => write()));
        await untilWaiting(writes.length);
        await holder.query("commit");
        return await outcomes;
      } finally {
        holder.release();
      }
    },
    async install(tenantId = `tnt_${randomUUID()}`): Promise<Install> {
      await db
        .insertInto("tenants")
        .values({ id: tenantId, name: "A tenant" })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      const id = `ins_${randomUUID()}`;
      const facts = {
        version: "1.0.0",
        status: "active",
        tarball_sha512: "",
        consent: "",
        receipt: "",
      } as const;
      await db
        .insertInto("installs")
        .values({ ...facts, id, tenant_id: tenantId, plugin: `acme/${randomUUID()}` })
        .execute();
      return { tenantId, installId: id };
    },
  };
}

/** `storage` as plugin code calls it, over an opened capability. */
export function asPluginSees({ functions }: OpenCapability, signal = new AbortController().signal) {
  const call =
    (name: string) =>
    async (...args: Payload[]): Promise<Json | undefined> => {
      const capability = functions[`storage.${name}`];
      if (!capability) throw new Error(`there is no storage.${name}`);
      capability.checkSize?.(JSON.stringify(args).length);
      const answer = await capability(args, { callId: "call_1", signal });
      return answer instanceof JsonText ? (JSON.parse(answer.text) as Json) : (answer as Json | undefined);
    };
  return {
    get: call("get"),
    entry: async (key: string) => (await call("entry")(key)) as { value: Json; version: string } | undefined,
    set: async (...args: Payload[]) => (await call("set")(...args)) as { version: string },
    delete: call("delete"),
    list: async (...args: Payload[]) =>
      (await call("list")(...args)) as { keys: string[]; next: string | null },
    usage: async () => (await call("usage")()) as { bytes: number; maxBytes: number },
  };
}

export function openStorageOf(
  db: Kysely<CoreDatabase>,
  install: Install,
  options: { maxBytes?: number; limits?: Partial<StorageLimits> } = {},
) {
  const { maxBytes = 1024 * 1024, limits } = options;
  return pluginStorage(db).open({
    ...install,
    epoch: 0,
    maxBytes,
    limits: { ...defaultStorageLimits, ...limits },
  });
}

/** As one host has it, with connections enough for all that a test begins. */
export function pluginStorage(
  db: Kysely<CoreDatabase>,
  options: Pick<Parameters<typeof createPluginStorage>[0], "staged"> = {},
) {
  const limits = { ...defaultDatabaseShareLimits, hostQueries: 20, hostQueriesPerTenant: 20 };
  return createPluginStorage({ db, share: createDatabaseShare({ limits, connections: 40 }), ...options });
}
