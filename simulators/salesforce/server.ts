import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Router from "@koa/router";
import Koa from "koa";
import { collectionResources } from "./api/collections.ts";
import { compositeResource } from "./api/composite.ts";
import { describeResources } from "./api/describe.ts";
import { limitResources } from "./api/limits.ts";
import { queryResources } from "./api/query.ts";
import { replicationResources } from "./api/replication.ts";
import { dispatch, type Resource } from "./api/resource.ts";
import { sobjectResources } from "./api/sobjects.ts";
import { ingestResources } from "./bulk/ingest.ts";
import { queryJobResources } from "./bulk/query.ts";
import { notFound } from "./errors.ts";
import { enterOrg, newest } from "./http/enter-org.ts";
import { errorReply } from "./http/error-reply.ts";
import { answerFaults, type Fault } from "./http/faults.ts";
import { addOAuthRoutes } from "./http/oauth-routes.ts";
import { readBody } from "./http/read-body.ts";
import { type RecordedRequest, record } from "./http/record.ts";
import type { RequestState } from "./http/state.ts";
import type { Apps } from "./oauth/apps.ts";
import { createSessions } from "./oauth/sessions.ts";
import { createTokens } from "./oauth/tokens.ts";
import { createOrgDirectory } from "./org-directory.ts";
import type { Org, OrgOptions } from "./orgs.ts";
import { createOutbound, type OutboundDelivery, type OutboundRule } from "./outbound/messages.ts";

export interface SalesforceSimulatorOptions {
  /** Left out: a free port. */
  port?: number;
  /** Left out: one production org, `acme`. A name with `--` in it is a sandbox's. */
  orgs?: { [name: string]: OrgOptions };
  /** Apps by client id. Left out: none. */
  apps?: Apps;
  /** Tokens that are good from the beginning, with the org's name. Those that apps get are besides. */
  accessTokens?: { [accessToken: string]: string };
  /** How long a session lasts that nobody uses. Left out: two hours. */
  sessionSeconds?: number;
  /** Records that a query gives at once. Left out: 2,000. */
  batchSize?: number;
  /** How often a bulk job is told to be running before it is over. Left out: once. */
  bulkReads?: number;
  /** Milliseconds since 1970. */
  nowMs?: () => number;
  /** Where endpoints of outbound messages really are. Left out: where they say. */
  addressOf?: (endpoint: string) => string;
}

export interface SalesforceSimulator {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Every request so far, in the order they were answered. */
  requests: RecordedRequest[];
  /** Has the next requests to the API fail, one each. */
  failNext(...faults: Fault[]): void;
  /** Ends all sessions: tokens are refused from then on. */
  endSessions(): void;
  /** @throws TypeError where there is no such org */
  org(name: string): Org;
  /** Sets an outbound message up. */
  sendOutboundMessages(orgName: string, rule: OutboundRule): void;
  /** Every outbound message so far. */
  deliveries: OutboundDelivery[];
  /** Sends outbound messages that wait, or are due again by `nowMs`. */
  deliverDue(): Promise<void>;
  close(): Promise<void>;
}

const sessionSeconds = 2 * 3_600;

/** Starts orgs with no records but their users. An org is found by the session that a request has. @throws when the port is taken */
export async function startSalesforceSimulator(
  options: SalesforceSimulatorOptions = {},
): Promise<SalesforceSimulator> {
  const { nowMs = Date.now, apps = {}, accessTokens = {}, bulkReads: reads = 1 } = options;
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const orgs = createOrgDirectory(options.orgs ?? { acme: {} }, nowMs);
  const sessions = createSessions({ seconds: options.sessionSeconds ?? sessionSeconds, nowMs });
  for (const [accessToken, name] of Object.entries(accessTokens)) {
    const org = orgs.named(name);
    sessions.open({ org, userId: org.adminId, clientId: "", scope: "api" }, accessToken);
  }
  const tokens = createTokens({ apps, sessions, nowMs, userOf: orgs.userOf });
  const outbound = createOutbound({ nowMs, addressOf: options.addressOf ?? ((endpoint) => endpoint) });
  let url = "";

  const app = new Koa<RequestState>();
  app.use(record(requests));
  app.use(async (ctx, next) => {
    ctx.set("Date", new Date(nowMs()).toUTCString());
    await next();
  });
  app.use(errorReply);
  app.use(readBody);
  const router = new Router<RequestState>();
  addOAuthRoutes(router, { tokens, sessions, orgs, ownUrl: () => url });
  router.get("/services/data", (ctx) => {
    ctx.body = [{ label: "The newest", url: `/services/data/v${newest}.0`, version: `${newest}.0` }];
  });
  app.use(router.routes());
  app.use(answerFaults(faults));
  app.use(enterOrg(sessions));
  app.use(serve(resourcesOf({ largest: options.batchSize, reads })));

  const server = createServer(app.callback());
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    requests,
    failNext: (...more) => void faults.push(...more),
    endSessions: sessions.endAll,
    org: orgs.named,
    sendOutboundMessages: (name, rule) => outbound.addRule(orgs.named(name), rule),
    deliveries: outbound.all,
    deliverDue: outbound.deliverDue,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function resourcesOf({ largest, reads }: { largest: number | undefined; reads: number }): Resource[] {
  const single = [
    ...describeResources,
    ...queryResources({ largest }),
    ...replicationResources,
    ...sobjectResources,
    ...collectionResources,
    ...limitResources,
  ];
  return [
    ...single,
    compositeResource(single),
    ...ingestResources({ reads }),
    ...queryJobResources({ reads }),
  ];
}

function serve(resources: readonly Resource[]): Koa.Middleware<RequestState> {
  return (ctx) => {
    const { org, session, base, body } = ctx.state;
    if (org === undefined) throw notFound();
    const {
      status,
      body: answered,
      headers = {},
    } = dispatch(resources, {
      org,
      userId: session.userId,
      base,
      method: ctx.method,
      path: ctx.path.slice(base.length),
      query: new URLSearchParams(ctx.querystring),
      body,
      header: (name) => ctx.get(name),
    });
    ctx.status = status;
    if (answered !== undefined) ctx.body = answered;
    // Koa would write the status's name.
    else if (status !== 204) ctx.body = "";
    ctx.set(headers);
  };
}
