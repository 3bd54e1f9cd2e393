import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Koa from "koa";
import { createAccounts } from "./accounts.ts";
import { StripeApiError } from "./errors.ts";
import { authenticate } from "./http/authenticate.ts";
import { errorReply } from "./http/error-reply.ts";
import { idempotency } from "./http/idempotency.ts";
import { readParams } from "./http/read-params.ts";
import { type RecordedRequest, record } from "./http/record.ts";
import { requestId } from "./http/request-id.ts";
import type { RequestState } from "./http/state.ts";
import { accountRoutes } from "./resources/account.ts";
import { customerRoutes } from "./resources/customers.ts";

export interface StripeSimulatorOptions {
  /** Left out: a free port. */
  port?: number;
  /** The keys that are valid. Left out: every key of the form `sk_test_…` or `rk_test_…`. */
  apiKeys?: readonly string[];
  /** Milliseconds since 1970; decides `created`. */
  nowMs?: () => number;
}

export interface StripeSimulator {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Every request so far, in the order they were answered. */
  requests: RecordedRequest[];
  close(): Promise<void>;
}

/**
 * Starts a local Stripe API with nothing in it. Each API key sees an account of its own.
 *
 * @throws when the port is taken
 */
export async function startStripeSimulator(options: StripeSimulatorOptions = {}): Promise<StripeSimulator> {
  const requests: RecordedRequest[] = [];
  const app = new Koa<RequestState>();
  app.use(record(requests));
  app.use(errorReply);
  app.use(requestId);
  app.use(authenticate(createAccounts(options.apiKeys)));
  app.use(readParams);
  app.use(idempotency);
  app.use(customerRoutes(options.nowMs ?? Date.now).routes());
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

  const server = createServer(app.callback());
  server.listen(options.port ?? 0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}
