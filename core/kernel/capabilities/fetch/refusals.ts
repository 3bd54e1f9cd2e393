import {
  ExchangeRefusal,
  injectionFor as injected,
  followRedirect as next,
  readRequest,
} from "@plugboard/plugin-sdk/exchange";
import { CapabilityError } from "../errors.ts";
import { EgressLimitReached } from "./limits.ts";

/** @throws CapabilityError `fetch-invalid-request`, `fetch-request-too-large` */
export const validateRequest: typeof readRequest = (...given) => asOurs(() => readRequest(...given));

/** @throws CapabilityError `fetch-redirect-refused` */
export const followRedirect: typeof next = (...given) => asOurs(() => next(...given));

/** @throws CapabilityError `fetch-credential-unusable` */
export const injectionFor: typeof injected = (...given) => asOurs(() => injected(...given));

/** For a redirect's target that the broker alone can judge. */
export function refused(how: string): CapabilityError {
  return new CapabilityError("fetch-redirect-refused", `The vendor redirected ${how}`);
}

/** What every host refuses, in the words and codes of this one, which counts what ran into a limit. */
function asOurs<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExchangeRefusal)) throw error;
    const { code, message, limit } = error;
    throw limit ? new EgressLimitReached(limit, code, message) : new CapabilityError(code, message);
  }
}
