import { AbortController, AbortSignal } from "./abort.ts";
import { base64 } from "./base64.ts";
import { createConsole } from "./console.ts";
import { createCrypto } from "./crypto.ts";
import { createFetch, currentCall, type FetchKit } from "./fetch.ts";
import { Headers } from "./headers.ts";
import { createRequestClass } from "./request.ts";
import { createResponseClass } from "./response.ts";
import { structuredClone } from "./structured-clone.ts";
import { createTextEncoding } from "./text-encoding.ts";
import { createTimers } from "./timers.ts";
import { URL, URLSearchParams } from "./url.ts";

export { AbortController } from "./abort.ts";
export { codedError, needsBinary } from "./coded-error.ts";
export { createFetch, type FetchKit } from "./fetch.ts";
export { createLog } from "./log.ts";

/** The names that plugin code finds beside the language, and what the context argument is made with. */
export interface Endowments {
  /** For one more compartment. */
  forCompartment(): Record<string, unknown>;
  fetchKit: FetchKit;
}

/**
 * Built once per thread. The classes are frozen and hold no state beyond their instances, so compartments share
 * them; whatever remembers something (timers) is made per compartment.
 */
export function createEndowments({ binary }: { binary: boolean }): Endowments {
  const Request = createRequestClass(binary);
  const { Response, fromReply } = createResponseClass(binary);
  const fetchKit: FetchKit = { Request, fromReply };
  const shared = harden({
    AbortController,
    AbortSignal,
    Headers,
    Request,
    Response,
    URL,
    URLSearchParams,
    ...createTextEncoding(binary),
    ...base64,
    crypto: createCrypto(binary),
    structuredClone,
    queueMicrotask: (callback: () => void): void => {
      if (typeof callback !== "function") throw new TypeError("queueMicrotask needs a function.");
      Promise.resolve().then(callback);
    },
    console: createConsole(),
    fetch: createFetch(fetchKit, currentCall),
    // Compartments get clocks that throw by default; these are the working ones, frozen by lockdown like the rest.
    Date: globalThis.Date,
    Math: globalThis.Math,
  });
  return {
    forCompartment: () => ({ ...shared, ...harden(createTimers()) }),
    fetchKit,
  };
}
