import { PluginError } from "@plugboard/plugin-sdk";

/** What the Admin API adds to a reply that failed: https://shopify.dev/docs/api/admin-graphql#status_and_error_codes */
export interface GraphqlFailure {
  errors?: string | { message: string; extensions?: { code?: string } }[];
  extensions?: {
    cost?: {
      requestedQueryCost?: number;
      throttleStatus?: { currentlyAvailable: number; restoreRate: number };
    };
  };
}

/** Turns an HTTP refusal into the error class that tells the host what to do. */
export function errorFromStatus(response: Response): PluginError {
  const { status } = response;
  const options = { details: { status } };
  switch (status) {
    case 401:
    case 403:
      return new PluginError("unauthorized", "Shopify refused the access token", options);
    case 404:
      return new PluginError("not-found", "Shopify knows no store of this name", options);
    case 402:
    case 423:
      return new PluginError("vendor-error", "The store is frozen or locked by Shopify", options);
    case 429: {
      const seconds = Number(response.headers.get("retry-after") ?? 1);
      const retryAfterMs = (Number.isFinite(seconds) ? seconds : 1) * 1000;
      return new PluginError("rate-limited", "Shopify limits the rate of requests", {
        ...options,
        retryAfterMs,
      });
    }
    default:
      return new PluginError(
        status >= 500 ? "vendor-unavailable" : "vendor-error",
        `Shopify answered ${status}`,
        options,
      );
  }
}

/** GraphQL failures come with status 200 and a code on the first error. */
export function errorFromGraphql(reply: GraphqlFailure): PluginError {
  const errors = typeof reply.errors === "string" ? [{ message: reply.errors }] : (reply.errors ?? []);
  const message = errors.map((error) => error.message).join("; ") || "Shopify refused the query";
  const code = errors
    .map((error) => ("extensions" in error ? error.extensions?.code : undefined))
    .find(Boolean);
  const details = code === undefined ? {} : { code };
  switch (code) {
    case "THROTTLED":
      return new PluginError("rate-limited", message, { details, retryAfterMs: restoredInMs(reply) });
    case "ACCESS_DENIED":
      return new PluginError("unauthorized", message, { details });
    case "SHOP_INACTIVE":
      return new PluginError("vendor-error", message, { details });
    case "INTERNAL_SERVER_ERROR":
      return new PluginError("vendor-unavailable", message, { details });
    default:
      return new PluginError("invalid-input", message, { details });
  }
}

/** When the leaky bucket holds enough points again: https://shopify.dev/docs/api/usage/limits */
function restoredInMs(reply: GraphqlFailure): number {
  const cost = reply.extensions?.cost;
  const status = cost?.throttleStatus;
  if (!status || !cost.requestedQueryCost || status.restoreRate <= 0) return 1000;
  const missing = cost.requestedQueryCost - status.currentlyAvailable;
  return Math.max(0, Math.ceil((missing / status.restoreRate) * 1000));
}
