import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { createAccounts } from "./accounts.ts";
import { StripeApiError } from "./errors.ts";
import { createDeliveries, type DeliveryAttempt } from "./events/deliver.ts";
import { authenticate } from "./http/authenticate.ts";
import { errorReply } from "./http/error-reply.ts";
import { answerFaults, type Fault } from "./http/faults.ts";
import { idempotency } from "./http/idempotency.ts";
import { openRecords } from "./http/open-call.ts";
import { checkPermission, type RestrictedKey } from "./http/permissions.ts";
import { limitRate } from "./http/rate-limit.ts";
import { readParams } from "./http/read-params.ts";
import { type RecordedRequest, record } from "./http/record.ts";
import { requestId } from "./http/request-id.ts";
import type { RequestState } from "./http/state.ts";
import { type Call, openCall } from "./records/call.ts";
import {
  accountRoutes,
  authenticateIntent,
  type Buyer,
  expandableOf,
  paySession,
  resources,
  routesOf,
} from "./resources/index.ts";

export interface StripeSimulatorOptions {
  /** Left out: a free port. */
  port?: number;
  /** The keys that are valid. Left out: every key of the form `sk_test_…` or `rk_test_…`. */
  apiKeys?: readonly string[];
  /** Keys that may only do some things, of accounts that others of the keys have. */
  restrictedKeys?: { readonly [apiKey: string]: RestrictedKey };
  /** Left out: as many as there are. */
  requestsPerSecond?: number;
  /** The pauses before a delivery's second attempt and those after. Left out: a second, then five. */
  retryDelaysMs?: readonly number[];
  /** Milliseconds since 1970; decides `created`. */
  nowMs?: () => number;
}

export interface StripeSimulator {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Every request so far, in the order they were answered. */
  requests: RecordedRequest[];
  /** Every attempt to deliver an event to a webhook endpoint. */
  deliveries: DeliveryAttempt[];
  /** Once no delivery waits to be made. */
  delivered(): Promise<void>;
  /** Has the next requests fail, one each. */
  failNext(...faults: Fault[]): void;
  /** Stands in for buyers of the account that a key is of. */
  buyerOf(apiKey: string): Buyer;
  close(): Promise<void>;
}

/**
 * Starts a local Stripe API with nothing in it. Each API key sees an account of its own.
 *
 * @throws when the port is taken
 */
export async function startStripeSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const { nowMs = Date.now, restrictedKeys = {}, retryDelaysMs = [1_000, 5_000] } = options;
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const deliveries = createDeliveries({ retryDelaysMs, nowMs });
  const findAccount = createAccounts(options.apiKeys, (key) => restrictedKeys[key]?.of ?? key);

  const app = new Koa<RequestState>();
  app.use(record(requests));
  app.use(errorReply);
  app.use(requestId);
  app.use(authenticate(findAccount));
  app.use(checkPermission(restrictedKeys, permissionOf));
  if (options.requestsPerSecond !== undefined) app.use(limitRate(options.requestsPerSecond, nowMs));
  app.use(answerFaults(faults));
  app.use(readParams);
  app.use(idempotency);
  app.use(openRecords(nowMs, deliveries));
  for (const resource of resources) app.use(routesOf(resource, expandableOf).routes());
  app.use(accountRoutes().routes());
  app.use((ctx) => {
    throw new StripeApiError(404, {
      type: "invalid_request_error",
      message:
        `Unrecognized request URL (${ctx.method}: ${ctx.path}). If you are trying to list objects, remove the trailing slash. ` +
        "If you are trying to retrieve an object, make sure you passed a valid (non-empty) identifier in your code. " +
        "Please see https://stripe.com/docs or we can help at https://support.stripe.com/.",
    });
  });

  /** What happens in an account without a request. */
  function happen(apiKey: string, what: (call: Call) => void): void {
    const account = findAccount(apiKey);
    if (!account) throw new TypeError(`The simulator knows no key ${apiKey}.`);
    const call = openCall(account, { id: null, idempotencyKey: null, nowMs: nowMs() });
    try {
      what(call);
    } finally {
      deliveries.send(account, call.events);
    }
  }

  const server = createServer(app.callback());
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    deliveries: deliveries.attempts,
    delivered: () => deliveries.settled(),
    failNext: (...next) => void faults.push(...next),
    buyerOf: (apiKey) => ({
      pay: (session, method = "pm_card_visa") => happen(apiKey, (call) => paySession(call, session, method)),
      authenticate: (intent) => happen(apiKey, (call) => authenticateIntent(call, intent)),
    }),
    async close() {
      await deliveries.close();
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function permissionOf(path: string): string | undefined {
  if (path === "/v1/balance") return "balance";
  return resources.find((one) => path === one.path || path.startsWith(`${one.path}/`))?.permission;
}
