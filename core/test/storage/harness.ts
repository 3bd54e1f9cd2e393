import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { Json, Payload } from "@plugboard/sandbox";
import { migrate } from "@plugboard/service-kit/database";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import type { Kysely } from "kysely";
import {
  createPluginStorage,
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

/** A database with the tables of the core, and as many installs in it as a test asks for. */
export async function openCoreDatabase(t: TestContext) {
  const database = await openTestDatabase(t);
  await migrate(database, { schema: "core", migrations: coreMigrations });
  const db = database.kysely<CoreDatabase>("core");
  return {
    db,
    url: database.url,
    async install(tenantId = `tnt_${randomUUID()}`): Promise<Install> {
      await db
        .insertInto("tenants")
        .values({ id: tenantId, name: "A tenant", wrapped_data_key: "" })
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
      return (await capability(args, { callId: "call_1", signal })) as Json | undefined;
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
  return createPluginStorage({ db }).open({
    ...install,
    maxBytes,
    limits: { ...defaultStorageLimits, ...limits },
  });
}
