import type { Middleware } from "koa";
import { SalesforceError } from "../errors.ts";
import type { RequestState } from "./state.ts";

/** A reply that the next request gets, whatever it asks. */
export interface Fault {
  status: number;
  errorCode: string;
  message?: string;
  /** Carries the request out first: its answer is what gets lost. */
  afterwards?: boolean;
}

/** Takes one fault for each request, in order. */
export function answerFaults(faults: Fault[]): Middleware<RequestState> {
  return async (_ctx, next) => {
    const fault = faults.shift();
    if (!fault) return next();
    if (fault.afterwards) await next();
    throw new SalesforceError(fault.status, fault.errorCode, fault.message ?? fault.errorCode);
  };
}
