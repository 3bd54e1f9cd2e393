import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Router from "@koa/router";
import Koa from "koa";
import { ShopifyHttpError } from "./errors.ts";
import type { BucketSize } from "./graphql/bucket.ts";
import { runOperation } from "./graphql/execute.ts";
import { enterShop } from "./http/enter-shop.ts";
import { errorReply } from "./http/error-reply.ts";
import { answerFaults, type Fault } from "./http/faults.ts";
import { readOperation } from "./http/read-operation.ts";
import { type RecordedRequest, record } from "./http/record.ts";
import type { RequestState } from "./http/state.ts";
import { apiVersion } from "./schema/load.ts";
import { createShops, type ShopsOptions } from "./shops.ts";

export interface ShopifySimulatorOptions {
  /** Left out: a free port. */
  port?: number;
  /** Left out: every shop and every token of the form `shpat_…`. */
  shops?: ShopsOptions["shops"];
  /** Left out: that of a Standard plan, 2,000 points that come back at 100 a second. */
  bucket?: BucketSize;
  /** Milliseconds since 1970; decides `createdAt`, and fills the bucket. */
  nowMs?: () => number;
}

export interface ShopifySimulator {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Every request so far, in the order they were answered. */
  requests: RecordedRequest[];
  /** Has the next requests fail, one each. */
  failNext(...faults: Fault[]): void;
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
  const { shops, bucket = { maximumAvailable: 2_000, restoreRate: 100 }, nowMs = Date.now } = options;
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const app = new Koa<RequestState>();
  app.use(record(requests));
  app.use(errorReply);
  app.use(async (ctx, next) => {
    ctx.set("X-Request-Id", randomUUID());
    await next();
  });
  app.use(answerFaults(faults));
  app.use(enterShop(createShops({ shops, bucket, nowMs })));
  const router = new Router<RequestState>();
  router.post("/admin/api/:version/graphql.json", readOperation, async (ctx) => {
    if (!versionForm.test(ctx.params.version ?? "")) throw new ShopifyHttpError(404, "Not Found");
    ctx.set("X-Shopify-API-Version", apiVersion);
    ctx.body = await runOperation(ctx.state.operation, ctx.state.access, nowMs);
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
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
