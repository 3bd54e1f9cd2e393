import {
  type KeyManagement,
  loadMasterKey,
  localKeyManagement,
  type MasterKey,
} from "@plugboard/service-kit/crypto";
import { type Database, migrate, openDatabase } from "@plugboard/service-kit/database";
import { createJobs, type Jobs } from "@plugboard/service-kit/jobs";
import { createMetrics, type Logger, type Metrics } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { type AdminKey, resolveAdminKey } from "./admin-key.ts";
import type { CoreOptions } from "./core-options.ts";
import { createEmbeddedRegistry, type EmbeddedRegistry } from "./embedded-registry.ts";
import { checkGivenRoot } from "./kernel/plugins/index.ts";
import { coreMigrations } from "./migrations/index.ts";
import type { CoreDatabase } from "./tables.ts";

/** What the kernel stands on: database, keys, queue, and the registry where it is this process's own. */
export interface Foundation {
  metrics: Metrics;
  database: Database;
  db: Kysely<CoreDatabase>;
  masterKey: MasterKey;
  keys: KeyManagement;
  adminKey: string;
  adminKeyFound: AdminKey;
  /** Not started: first all queues are defined. */
  jobs: Jobs;
  /** Not started: it needs the queue. */
  embedded: EmbeddedRegistry | undefined;
}

/** @param close takes what undoes each step */
export async function openFoundation(
  options: CoreOptions,
  logger: Logger,
  close: (() => Promise<void>)[],
): Promise<Foundation> {
  const { dataDir } = options;
  await checkGivenRoot(options.trust.root);
  const metrics = createMetrics();

  const database = await openDatabase({ ...options, logger });
  close.push(() => database.close());
  await migrate(database, { schema: "core", migrations: coreMigrations });
  const db = database.kysely<CoreDatabase>("core");
  const masterKey = await loadMasterKey({ masterKey: options.masterKey, dataDir });
  const keys = options.keyManagement ?? localKeyManagement(masterKey);
  const { adminKey, found: adminKeyFound } = await resolveAdminKey({ ...options, logger });

  const jobs = createJobs({ database, logger });
  const embedded = options.registryUrl
    ? undefined
    : createEmbeddedRegistry({
        database,
        masterKey,
        jobs,
        logger,
        operatorTokens: [adminKey],
        trustProxy: options.trustProxy,
        reviews: options.reviews,
        scanIsolation: options.scanIsolation,
      });
  return { metrics, database, db, masterKey, keys, adminKey, adminKeyFound, jobs, embedded };
}
