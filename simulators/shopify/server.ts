import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Router from "@koa/router";
import Koa from "koa";
import { ShopifyHttpError } from "./errors.ts";
import type { BucketSize } from "./graphql/bucket.ts";
import { runOperation } from "./graphql/execute.ts";
import { serveBulkResults } from "./http/bulk-results.ts";
import { enterShop, findShop } from "./http/enter-shop.ts";
import { errorReply } from "./http/error-reply.ts";
import { answerFaults, type Fault } from "./http/faults.ts";
import { addOAuthRoutes } from "./http/oauth-routes.ts";
import { readOperation } from "./http/read-operation.ts";
import { type RecordedRequest, record } from "./http/record.ts";
import type { RequestState } from "./http/state.ts";
import { type App, createGrants } from "./oauth/grants.ts";
import { apiVersion } from "./schema/load.ts";
import { createShops, type ShopsOptions } from "./shops.ts";
import { createDeliveries, type Delivery } from "./webhooks/deliveries.ts";

export interface ShopifySimulatorOptions {
  /** Left out: a free port. */
  port?: number;
  /** Left out: every shop and every token of the form `shpat_…`. */
  shops?: ShopsOptions["shops"];
  /** Left out: that of a Standard plan, 2,000 points that come back at 100 a second. */
  bucket?: BucketSize;
  /** Milliseconds since 1970; decides `createdAt`, fills the bucket, and ends tokens. */
  nowMs?: () => number;
  /** Apps that shops can install, by client id. Left out: none. */
  apps?: { [clientId: string]: App };
  /** What webhooks are signed with; an app's client secret. */
  webhookSecret?: string;
  /** Where the endpoints of webhooks really are. Left out: where they say. */
  addressOf?: (uri: string) => string;
  /** How often a bulk operation is told to be running before it is over. Left out: once. */
  bulkReads?: number;
}

export interface ShopifySimulator {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Every request so far, in the order they were answered. */
  requests: RecordedRequest[];
  /** Has the next requests fail, one each. */
  failNext(...faults: Fault[]): void;
  /** Every webhook so far. */
  deliveries: Delivery[];
  /** Sends a webhook that is set in the app's settings, such as `shop/redact`. */
  send(domain: string, topic: string, payload: object, uri: string): void;
  /** Tries webhooks again that are due by `nowMs`, and waits until none is under way. */
  deliverDue(): Promise<void>;
  close(): Promise<void>;
}

/** Shopify's forms: a quarter, or what is not released yet. Older ones are answered with the oldest there is. */
const versionForm = /^(?:\d{4}-(?:01|04|07|10)|unstable)$/;

/**
 * Starts a local Admin API with no products in it. A shop is found by the host's name that the request has.
 *
 * @throws when the port is taken
 */
export async function startShopifySimulator(
  options: ShopifySimulatorOptions = {},
): Promise<ShopifySimulator> {
  const { bucket = { maximumAvailable: 2_000, restoreRate: 100 }, nowMs = Date.now, apps = {} } = options;
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const shops = createShops({ shops: options.shops, bucket, nowMs });
  const { webhookSecret: secret = "shpss_simulated", addressOf = (uri) => uri } = options;
  const deliveries = createDeliveries({ secret, nowMs, addressOf });
  const surroundings = { nowMs, bulkReads: options.bulkReads ?? 1, tell: deliveries.tell };
  const app = new Koa<RequestState>();
  app.use(record(requests));
  app.use(errorReply);
  app.use(async (ctx, next) => {
    ctx.set("X-Request-Id", randomUUID());
    await next();
  });
  app.use(answerFaults(faults));
  app.use(serveBulkResults(shops));
  app.use(findShop(shops));
  const router = new Router<RequestState>();
  addOAuthRoutes(router, createGrants({ apps, nowMs }), shops);
  const enter = enterShop(shops);
  router.get("/admin/oauth/access_scopes.json", enter, (ctx) => {
    ctx.body = { access_scopes: (ctx.state.access.scopes ?? []).map((handle) => ({ handle })) };
  });
  router.post("/admin/api/:version/graphql.json", enter, readOperation, async (ctx) => {
    if (!versionForm.test(ctx.params.version ?? "")) throw new ShopifyHttpError(404, "Not Found");
    ctx.set("X-Shopify-API-Version", apiVersion);
    ctx.body = await runOperation(ctx.state.operation, ctx.state.access, surroundings);
  });
  app.use(router.routes());
  app.use(() => {
    throw new ShopifyHttpError(404, "Not Found");
  });

  const server = createServer(app.callback());
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    failNext: (...more) => void faults.push(...more),
    deliveries: deliveries.all,
    send: (domain, topic, payload, uri) => deliveries.send(shops.open(domain), topic, payload, uri),
    deliverDue: deliveries.deliverDue,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
