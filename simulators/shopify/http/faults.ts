import type { Middleware } from "koa";
import { ShopifyHttpError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** A reply that the next request gets, whatever it asks: what shops answer that are frozen, locked or busy. */
export interface Fault {
  status: number;
  headers?: Record<string, string>;
}

/** https://shopify.dev/docs/api/usage/response-codes */
const says: { [status: number]: string } = {
  402: "Unavailable Shop",
  403: "[API] This action requires merchant approval.",
  404: "Not Found",
  423: "Locked",
  429: "Exceeded 2 calls per second for api client. Reduce request rates to resume uninterrupted service.",
  500: "Internal Server Error",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
};

/** Takes one fault for each request, in order. */
export function answerFaults(faults: Fault[]): Middleware<RequestState> {
  return async (_ctx, next) => {
    const fault = faults.shift();
    if (!fault) return next();
    const { status, headers = status === 429 ? { "Retry-After": "2.0" } : {} } = fault;
    throw new ShopifyHttpError(status, says[status] ?? "Error", headers);
  };
}
