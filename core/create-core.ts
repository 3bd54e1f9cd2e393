import { publishBundledPlugins } from "@plugboard/registry";
import { createRegistryClient } from "@plugboard/registry/client";
import { describeWalls } from "@plugboard/sandbox";
import { createHttpApp, listen, operationRoutes } from "@plugboard/service-kit/http";
import { createLogger, type Logger } from "@plugboard/service-kit/observe";
import type Koa from "koa";
import { sql } from "kysely";
import type { AdminKey } from "./admin-key.ts";
import type { CoreOptions } from "./core-options.ts";
import { openEgress } from "./egress.ts";
import { coreErrorTable } from "./errors.ts";
import { openFoundation } from "./foundation.ts";
import {
  type Access,
  createAccessRoutes,
  createApiKeys,
  createAuthenticate,
  createTenants,
} from "./kernel/access/index.ts";
import { createBatches } from "./kernel/batches/index.ts";
import {
  createDatabaseShare,
  createFiles,
  createPluginEvents,
  createPluginFiles,
  createPluginStorage,
} from "./kernel/capabilities/index.ts";
import { startChanges, startHostCount } from "./kernel/changes/index.ts";
import { defineRevocationQueue, openConnections } from "./kernel/connections/index.ts";
import { createErasure, createErasureRoutes, defineErasureQueue } from "./kernel/erasure/index.ts";
import { createEventRoutes, createEvents } from "./kernel/events/index.ts";
import { createHookChanges, createHookRoutes, openHooks } from "./kernel/hooks/index.ts";
import { createIdempotency } from "./kernel/idempotency/index.ts";
import { createLimitMetrics, createPluginSettings } from "./kernel/limits/index.ts";
import { createOAuthClientRoutes, createOAuthClients } from "./kernel/oauth-clients/index.ts";
import { createPlugins, createUsageReporter } from "./kernel/plugins/index.ts";
import { createUpkeep } from "./kernel/upkeep/index.ts";
import { defineRotationJobs, openVault } from "./kernel/vault/index.ts";
import { createActionRoutes, createActions } from "./modules/actions/index.ts";
import { createActivity, createActivityRoutes } from "./modules/activity/index.ts";
import { createEntityRoutes } from "./modules/entities/index.ts";
import { createFileRoutes } from "./modules/files/index.ts";
import { createProxyRoutes } from "./modules/proxy/index.ts";
import { definePollJobs, openTriggers } from "./modules/triggers/index.ts";
import { openApiInfo } from "./openapi.ts";
import { registryApart, warnOfRegistry } from "./registry-apart.ts";
import { upkeepTasks } from "./upkeep-tasks.ts";

export interface Core {
  app: Koa;
  logger: Logger;
  /** Listens, and publishes the bundled plugins where the registry is this process's own. */
  start(): Promise<{ address: string; adminKey: AdminKey }>;
  /** Takes no new requests, finishes those in flight, then closes what was opened, in the opposite order. */
  stop(): Promise<void>;
}

const healthRoundMs = 15_000;

/** How long calls in flight may take to finish when the host stops. */
const stopGraceMs = 10_000;

/** Builds the host from its parts. What is opened is listed in `close`, so that stopping undoes it last to first. */
export async function createCore(options: CoreOptions): Promise<Core> {
  const logger = createLogger({
    name: "plugboard",
    level: options.logLevel,
    ...(options.logDestination && { destination: options.logDestination }),
  });
  const close: (() => Promise<void>)[] = [];
  try {
    return await assemble(options, logger, close);
  } catch (error) {
    // What was opened before the failure must not keep the process (or its PostgreSQL) alive.
    for (const undo of close.toReversed()) await undo().catch(() => {});
    throw error;
  }
}

async function assemble(options: CoreOptions, logger: Logger, close: (() => Promise<void>)[]): Promise<Core> {
  const foundation = await openFoundation(options, logger, close);
  const { metrics, database, db, masterKey, keys, adminKey, adminKeyFound, jobs, embedded } = foundation;
  const events = createEvents({ db });
  const hookChanges = createHookChanges({ db });
  const rotationJobs = defineRotationJobs({ jobs });
  const revocationQueue = defineRevocationQueue({ jobs });
  const erasureQueue = defineErasureQueue({ jobs });
  const idempotency = createIdempotency({ db });
  const pollJobs = definePollJobs({ jobs });
  const activity = createActivity({ db, logger, metrics, now: options.now });
  // After the last request has ended, so before what sends them is listed.
  close.push(() => activity.stop());
  const upkeep = createUpkeep({
    jobs,
    tasks: upkeepTasks({
      db,
      eventDays: options.eventDays,
      events,
      hookChanges,
      activity,
      idempotency,
      rotation: rotationJobs,
      erasures: erasureQueue,
      now: options.now,
    }),
  });
  const usageReporter = createUsageReporter({ db, jobs, logger, now: options.now });
  await jobs.start();
  close.push(() => jobs.stop(stopGraceMs));
  if (embedded) close.push(() => embedded.stop(stopGraceMs));
  const registry = createRegistryClient((await embedded?.start()) ?? registryApart(options));

  const changes = await startChanges({ database, logger });
  close.push(() => changes.stop());
  const vault = openVault({ db, changes, keys, jobs: rotationJobs, logger });
  close.push(() => vault.close());
  const tenants = createTenants({ db, keys });
  const apiKeys = createApiKeys({ db, changes });
  const authenticate = createAuthenticate({ adminKey, apiKeys });

  const hosts = await startHostCount({ db, logger });
  close.push(async () => hosts.stop());
  const settings = createPluginSettings(options.pluginSettings, options.isolation);
  const limitReached = createLimitMetrics(metrics);
  const { egress, hostFetch, hear } = openEgress(options, {
    activity,
    hosts,
    settings,
    limitReached,
    transformers: () => hooks.transformers,
    metrics,
  });
  changes.onChange("connection-gone", egress.forget);
  const share = createDatabaseShare({ limits: settings.host, connections: database.pool.options.max });
  const storage = createPluginStorage({ db, share });
  const pluginEvents = createPluginEvents({ events, share });
  const files = createFiles({ db, vault, limits: settings.host, now: options.now });
  const plugins = createPlugins({
    config: options,
    db,
    keys,
    referenceKeys: vault.referenceKeys,
    registry,
    isOwnRegistry: embedded !== undefined,
    changes,
    events,
    egress,
    storage,
    pluginEvents,
    files: createPluginFiles({ files, share }),
    tenantFiles: files,
    settings,
    limitReached,
    usageReporter,
    logger,
    metrics,
    now: options.now,
  });
  const { installs, runner } = plugins;
  close.push(() => plugins.close(stopGraceMs));
  // Before the sandboxes: what their calls wait for ends.
  close.push(async () => egress.close());
  const hooks = openHooks({
    installs,
    changes,
    runner,
    hookChanges,
    settings,
    limitReached,
    metrics,
    logger,
  });
  close.push(() => hooks.close(stopGraceMs));
  close.push(async () => hostFetch.close());
  const clients = createOAuthClients({ db, keys });
  let address = "";
  const accounts = openConnections({
    db,
    changes,
    installs,
    events,
    vault,
    clients,
    egress,
    fetch: hostFetch.fetch,
    revocationQueue,
    publicUrl: () => options.publicUrl ?? address,
    returnOrigins: options.oauthReturnOrigins,
    healthRoundMs: options.healthRoundMs ?? healthRoundMs,
    limits: settings.host,
    limitReached,
    logger,
    now: options.now ?? Date.now,
  });
  const { connections, revocations } = accounts;
  hear(accounts.hear);
  const erasure = createErasure({ db, changes, queue: erasureQueue, installs, registry, revocations });

  const batches = createBatches({ limits: settings.host, limitReached, logger });
  const triggers = openTriggers({
    db,
    share,
    changes,
    connections,
    installs,
    runner,
    events,
    settings,
    pollJobs,
    ...options.streamTimes,
    logger,
  });

  const checks = [
    { name: "database", check: async () => void (await sql`select 1`.execute(db)) },
    { name: "registry", critical: false, check: async () => void (await registry.getRoot()) },
  ];

  const app = createHttpApp({
    routes: [
      ...operationRoutes({ healthPath: "/api/v1/health", checks, metrics }),
      ...createAccessRoutes({ tenants, apiKeys }),
      ...plugins.routes,
      ...createErasureRoutes({ erasure }),
      ...vault.routes,
      ...createOAuthClientRoutes({ clients }),
      ...accounts.routes,
      ...createEventRoutes({ events }),
      ...createHookRoutes({ hookChanges }),
      ...createActivityRoutes({ activity, connections, egress, now: options.now }),
      ...createProxyRoutes({ connections, installs, runner, egress }),
      ...createActionRoutes({
        actions: createActions({ connections, installs, runner, hooks }),
        batches,
        idempotency,
      }),
      ...createEntityRoutes({ connections, installs, runner, hooks, batches, idempotency, masterKey }),
      ...triggers.routes,
      ...createFileRoutes({ files, limits: settings.host, limitReached }),
    ],
    authenticate: (request, access) => authenticate(request.headers.authorization, access as Access),
    errors: coreErrorTable,
    logger,
    metrics,
    openapi: { ...openApiInfo, path: "/api/v1/openapi.json" },
    trustProxy: options.trustProxy,
    use: embedded ? [embedded.middleware] : [],
  });

  return {
    app,
    logger,
    async start() {
      if (!embedded) void warnOfRegistry(registry, options, logger);
      else if (options.bundledPlugins)
        await publishBundledPlugins({
          registry,
          vouchFor: embedded.vouchFor,
          dataDir: options.dataDir,
          logger,
        });
      if (options.isolation !== "thread")
        logger.info({ walls: describeWalls() }, "walls around strangers' plugins");
      await upkeep.start();
      const listening = await triggers.start();
      close.push(() => listening.stop());
      activity.start();
      const upkept = await plugins.start();
      close.push(() => upkept.stop());
      const listener = await listen(app, { port: options.port, host: options.host, logger });
      close.push(() => listener.close(stopGraceMs));
      address = listener.address;
      const looking = accounts.start();
      close.push(() => looking.stop());
      return { address: listener.address, adminKey: adminKeyFound };
    },
    async stop() {
      for (const undo of close.splice(0).toReversed()) {
        // What fails must not keep the rest open, the database least of all.
        await undo().catch((err) => logger.error({ err }, "a part of the host did not stop as it should"));
      }
    },
  };
}
