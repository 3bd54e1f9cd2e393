import type { Isolation } from "@plugboard/sandbox";
import type { MasterKey } from "@plugboard/service-kit/crypto";
import { type Database, migrate } from "@plugboard/service-kit/database";
import { createHttpApp, operationRoutes, type RequestHead, type Route } from "@plugboard/service-kit/http";
import { createJobs, type Jobs } from "@plugboard/service-kit/jobs";
import { createMetrics, type Logger, type Metrics } from "@plugboard/service-kit/observe";
import type Koa from "koa";
import { sql } from "kysely";
import { type Access, createAuthenticate } from "./access.ts";
import { accountRoutes, createAccounts } from "./accounts/index.ts";
import { type ArrivalLimits, defaultArrivalLimits } from "./arrivals/index.ts";
import { catalogRoutes, createCatalog } from "./catalog/index.ts";
import { checkpointRoutes, createCheckpoints, createRenewal } from "./checkpoint/index.ts";
import { registryErrorTable } from "./errors.ts";
import { createHostAccess, createTenants, guardTenants, hostAccessRoutes } from "./host-access/index.ts";
import { createHosts, hostRoutes } from "./hosts/index.ts";
import { createInstalls, installRoutes } from "./installs/index.ts";
import { logRoutes } from "./log/index.ts";
import {
  createAdmitSigned,
  createMembers,
  createTransfers,
  memberRoutes,
  transferRoutes,
} from "./members/index.ts";
import { registryMigrations } from "./migrations/index.ts";
import { noticeRoutes } from "./notices/index.ts";
import { openApiInfo } from "./openapi.ts";
import { createOrders, orderRoutes } from "./orders/index.ts";
import { createPolicies, policyRoutes } from "./policies/index.ts";
import { type BillingProvider, createPricingModule } from "./pricing/index.ts";
import { createPublisherLinks, publisherLinkRoutes } from "./private-plugins/index.ts";
import {
  createNameRegister,
  createPublicationQueue,
  createPublications,
  defaultUploadLimits,
  publicationOperatorRoutes,
  publicationPublisherRoutes,
  publicationRoutes,
  type UploadLimits,
} from "./publications/index.ts";
import { createPublishers, publisherRoutes } from "./publishers/index.ts";
import { createReviewModule, type ReviewSettings } from "./reviews/index.ts";
import { revocationRoutes } from "./revocations/index.ts";
import { createScanners, type Scanner } from "./scanning/index.ts";
import { scanRoutes } from "./scans/index.ts";
import { createSearch, searchRoutes } from "./search/index.ts";
import { countDownload as countDownloadOnce, createStatisticsRefresh } from "./statistics/index.ts";
import type { RegistryTables } from "./tables.ts";
import { createTrust, trustRoutes } from "./trust/index.ts";
import { createUpdates, updateRoutes } from "./updates/index.ts";
import { createViewing } from "./viewing.ts";

export interface RegistryOptions {
  database: Database;
  /** Seals the registry's signing keys; the same for every process of one registry. */
  masterKey: MasterKey;
  logger: Logger;
  /** Of this app alone. Default: its own. */
  metrics?: Metrics;
  /** What the host `default` authenticates with; the operator gives others tokens of their own. */
  hostTokens: string[];
  /** What whoever runs this registry authenticates with. Default: nobody can. */
  operatorTokens?: string[];
  /** What looks at packages before they are published. Default: all there are. */
  scanners?: readonly Scanner[];
  /**
   * Where they load a package's code. Default: in a process of its own, since what a stranger uploads must not be able to
   * take the registry down with it; a thread, which starts sooner, is for tests of something else.
   */
  scanIsolation?: Isolation | undefined;
  /** How much a publisher may send in. */
  uploadLimits?: Partial<UploadLimits>;
  /** How many names and accounts are given to one address. */
  arrivalLimits?: Partial<ArrivalLimits>;
  /** How many reverse proxies stand in front and may be believed about the address of who asks. Default 0. */
  trustProxy?: number;
  /** The queue of the process it runs in, which starts and stops it. Default: its own. */
  jobs?: Jobs;
  /** Default: the time it is. */
  now?: () => Date;
  /** How reviews weigh, and when there are suspiciously many. */
  reviews?: ReviewSettings | undefined;
  /** Where the money is taken. Default: the operator confirms what was paid. */
  billing?: BillingProvider | undefined;
  /** Hold every reply against its schema. For tests. */
  checkResponses?: boolean;
}

export interface Registry {
  /** Serves `/registry/v1/…` and `/metrics`. */
  app: Koa;
  routes: Route[];
  /** Brings the database up to date, opens the signing key and goes on with publications that were under way. */
  start(): Promise<void>;
  /** Vouches for a publisher in the name of whoever runs this registry; there is no route to it. */
  vouchFor(publisher: string): Promise<void>;
  stop(): Promise<void>;
}

/** How long a validation under way may take to finish when the registry stops. */
const stopGraceMs = 10_000;

/** Builds the registry from its modules, in the order in which they need each other. */
export function createRegistry(options: RegistryOptions): Registry {
  const { database, masterKey, logger, hostTokens, operatorTokens = [], now = () => new Date() } = options;
  const metrics = options.metrics ?? createMetrics({ runtime: false });
  const jobs = options.jobs ?? createJobs({ database, logger });
  const db = database.kysely<RegistryTables>("registry");

  const trust = createTrust({ db, masterKey, now });
  const checkpoints = createCheckpoints({ db, trust, now });
  const statistics = createStatisticsRefresh({ db, jobs, now });
  const renewal = createRenewal({ jobs, checkpoints, trust, logger });
  const arrivals = { ...defaultArrivalLimits, ...options.arrivalLimits };
  const publishers = createPublishers({ db, trust, publishersPerHour: arrivals.publishersPerHour, now });
  const accounts = createAccounts({ db, accountsPerHour: arrivals.accountsPerHour, now });
  const members = createMembers({ db, accounts, publishers, trust, now });
  const transfers = createTransfers({ db, accounts, publishers, now });
  const admitSigned = createAdmitSigned({ db, accounts });
  const catalog = createCatalog({ db, checkpoints, now });
  const search = createSearch({ db });
  const scanners = options.scanners ?? createScanners(createNameRegister(db));
  const { scanIsolation = "process" } = options;
  const queue = createPublicationQueue({ db, trust, scanners, scanIsolation, jobs, logger, now });
  const limits = { ...defaultUploadLimits, ...options.uploadLimits };
  const publications = createPublications({ db, trust, publishers, queue, limits, admitSigned, now });
  const orders = createOrders({
    db,
    publishers,
    trust,
    admitSigned,
    ordersPerHour: arrivals.ordersPerHour,
    now,
  });
  const policies = createPolicies({ db, catalog, now });
  const hosts = createHosts({ db, now });
  const provider = options.billing;
  const pricing = createPricingModule({ db, catalog, trust, hosts, jobs, logger, now, provider });
  const { requireEntitlement } = pricing;
  const installs = createInstalls({ db, catalog, trust, policies, requireEntitlement, now });
  const updates = createUpdates({ db, policies, paidBy: pricing.paidBy });
  const access = createHostAccess({ db, ownTokens: hostTokens, now });
  const tenants = createTenants({ db, now });
  const viewerOf = createViewing({ access, tenants });
  const links = createPublisherLinks({ db, publishers, now });
  const settings = options.reviews;
  const reviews = createReviewModule({ db, publishers, admitSigned, viewerOf, now, settings });
  const checks = [{ name: "database", check: async () => void (await sql`select 1`.execute(db)) }];

  /** Only those of hosts: of anyone else nobody can say whether it is one or a thousand. */
  function countDownload(plugin: string, request: RequestHead): void {
    access
      .recognise(request)
      .then((host) => host && countDownloadOnce(db, { plugin, downloader: host.caller, at: now() }))
      .catch((error) => logger.warn({ err: error, plugin }, "a download was not counted"));
  }

  const declared = [
    ...trustRoutes(trust),
    ...checkpointRoutes(checkpoints),
    ...logRoutes({ db, viewerOf }),
    ...revocationRoutes({ db }),
    ...publisherRoutes(publishers),
    ...accountRoutes(accounts),
    ...memberRoutes({ members, db }),
    ...transferRoutes(transfers),
    ...orderRoutes(orders),
    ...publicationRoutes(publications),
    ...publicationOperatorRoutes(publications),
    ...publicationPublisherRoutes({ db, publications }),
    ...scanRoutes({ db, viewerOf }),
    ...noticeRoutes({ db, now }),
    ...searchRoutes({ search, viewerOf }),
    ...catalogRoutes({ catalog, viewerOf, countDownload }),
    ...installRoutes(installs),
    ...updateRoutes(updates),
    ...policyRoutes(policies),
    ...publisherLinkRoutes(links),
    ...reviews.routes,
    ...pricing.routes,
    ...hostRoutes(hosts),
    ...hostAccessRoutes({ access, tenants }),
    ...operationRoutes({ healthPath: "/registry/v1/health", checks, metrics }),
  ];
  const routes = guardTenants(declared, tenants);
  const authenticate = createAuthenticate({
    host: access.recognise,
    operator: operatorTokens,
    account: accounts.authenticate,
  });
  let prepared: Promise<void> | undefined;
  const app = createHttpApp({
    routes,
    authenticate: (request, access) => authenticate(request, access as Access | "account"),
    errors: registryErrorTable,
    logger,
    metrics,
    openapi: { ...openApiInfo, path: "/registry/v1/openapi.json" },
    errorDocsPath: "/registry/v1/errors",
    trustProxy: options.trustProxy ?? 0,
    checkResponses: options.checkResponses ?? false,
  });

  return {
    app,
    routes,
    async start() {
      await migrate(database, { schema: "registry", migrations: registryMigrations });
      await trust.open();
      await reviews.start();
      if (!options.jobs) await jobs.start();
      await renewal.start();
      await statistics.start();
      await pricing.start();
      await queue.start();
      // Searches wait for it, nothing else does.
      prepared = search
        .prepare()
        .catch((error) => logger.warn({ err: error }, "search could not be prepared"));
    },
    vouchFor: publishers.vouchFor,
    async stop() {
      await prepared;
      if (!options.jobs) await jobs.stop(stopGraceMs);
      await queue.settle();
    },
  };
}
