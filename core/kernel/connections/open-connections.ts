import type { Route } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { EgressBroker, HostFetch } from "../capabilities/index.ts";
import type { Changes } from "../changes/index.ts";
import type { Events } from "../events/index.ts";
import type { LimitReached, Limits } from "../limits/index.ts";
import type { OAuthClients } from "../oauth-clients/index.ts";
import type { Installs } from "../plugins/index.ts";
import type { Vault } from "../vault/index.ts";
import { type Connections, createConnectionRows, createConnections } from "./connections.ts";
import { createCredentialBox } from "./credential-box.ts";
import {
  createCheckRecords,
  createConnectionHealth,
  createHealthRoutes,
  createLook,
  createRefusedCalls,
  createTrials,
  type HealthRounds,
  type HearRequest,
  startHealthRounds,
} from "./health/index.ts";
import { createNotices } from "./notices.ts";
import {
  createOAuthFlows,
  createOAuthRoutes,
  createRenewals,
  createRevocations,
  createTokenEndpoint,
  type RevocationQueue,
  type Revocations,
} from "./oauth/index.ts";
import { createCredentialAccess } from "./open-credential.ts";
import { createConnectionRoutes } from "./routes.ts";
import { createTransfers } from "./transfer.ts";
import { createTransferRoutes } from "./transfer-routes.ts";

/** Accounts at vendors: how they are connected, kept working, looked after. */
export interface ConnectionsPart {
  connections: Connections;
  revocations: Revocations;
  routes: Route[];
  /** Is to hear of every request over a connection. */
  hear: HearRequest;
  /** Begins to look after them. */
  start(): { stop(): Promise<void> };
}

export function openConnections(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  installs: Installs;
  events: Events;
  vault: Vault;
  clients: OAuthClients;
  egress: EgressBroker;
  fetch: HostFetch;
  revocationQueue: RevocationQueue;
  publicUrl: () => string;
  returnOrigins: readonly string[];
  /** Between two looks for connections that are due. */
  healthRoundMs: number;
  limits: Pick<Limits, "connectionsPerTenant" | "authorizationsPerTenant">;
  limitReached: LimitReached;
  logger: Logger;
  now: () => number;
}): ConnectionsPart {
  const { healthRoundMs, revocationQueue: queue, fetch, ...kit } = options;
  const { db, installs, egress, logger, now } = kit;
  const rows = createConnectionRows(kit);
  const box = createCredentialBox(kit);
  const endpoint = createTokenEndpoint({ fetch, now });
  const notices = createNotices(kit);
  const renewals = createRenewals({ ...kit, box, endpoint, notices });
  const access = createCredentialAccess({ rows, installs, box, renewals });
  const trials = createTrials({ db, egress, access, installs, logger });
  const records = createCheckRecords({ ...kit, notices, inAbout });
  const health = createConnectionHealth({ ...kit, rows, trials, records, inAbout });
  const revocations = createRevocations({ ...kit, queue, box, endpoint });
  let rounds: HealthRounds | undefined;
  const connections = createConnections({
    ...kit,
    rows,
    box,
    access,
    revocations,
    health,
    lookNow: () => rounds?.now(),
  });
  const flows = createOAuthFlows({ ...kit, rows, box, endpoint, notices, health });
  const transfers = createTransfers({ connections, installs });

  /** A vendor that cannot be asked just now is asked later; the person need not wait for that. */
  async function tryOut(tenantId: string, id: string): Promise<boolean> {
    const { status } = await connections.get(tenantId, id);
    if (status !== "testing") return true;
    const { outcome } = await health.test(tenantId, id, AbortSignal.timeout(10_000));
    return outcome === "ok";
  }

  return {
    connections,
    revocations,
    hear: createRefusedCalls({ ...kit, inAbout }),
    routes: [
      ...createConnectionRoutes({ connections }),
      ...createOAuthRoutes({ flows, tryOut }),
      ...createHealthRoutes({ health }),
      ...createTransferRoutes({ transfers }),
    ],
    start() {
      const look = createLook({ ...kit, trials, records, notices, inAbout });
      rounds = startHealthRounds({ db, look, everyMs: healthRoundMs, logger });
      return rounds;
    },
  };
}

/** Not all at the same moment, which vendors and we would notice. */
function inAbout(ms: number): number {
  return ms * (0.8 + 0.4 * Math.random());
}
