import {
  ExchangeRefusal,
  injectionFor as injected,
  followRedirect as next,
  readRequest,
} from "@plugboard/plugin-sdk/exchange";
import { requestPath } from "@plugboard/plugin-sdk/manifest";
import { CapabilityError } from "../errors.ts";
import { EgressLimitReached } from "./limits.ts";
import type { PluginRequest } from "./types.ts";

/** @throws CapabilityError `fetch-invalid-request`, `fetch-request-too-large` */
export function validateRequest(...given: Parameters<typeof readRequest>): PluginRequest {
  return withPath(asOurs(() => readRequest(...given)));
}

/** @throws CapabilityError `fetch-redirect-refused` */
export function followRedirect(...given: Parameters<typeof next>): PluginRequest | undefined {
  const request = asOurs(() => next(...given));
  return request && withPath(request);
}

/** @throws CapabilityError `fetch-credential-unusable` */
export const injectionFor: typeof injected = (...given) => asOurs(() => injected(...given));

/** For a redirect's target that the broker alone can judge. */
export function refused(how: string): CapabilityError {
  return new CapabilityError("fetch-redirect-refused", `The vendor redirected ${how}`);
}

function withPath(request: ReturnType<typeof readRequest>): PluginRequest {
  return { ...request, path: requestPath(request.url.pathname) };
}

/** What every host refuses, in the words and codes of this one, which counts what ran into a limit. */
export function asOurs<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExchangeRefusal)) throw error;
    const { code, message, limit } = error;
    throw limit ? new EgressLimitReached(limit, code, message) : new CapabilityError(code, message);
  }
}
