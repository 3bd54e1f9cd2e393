import { AbortController, AbortSignal } from "./abort.ts";
import { base64 } from "./base64.ts";
import { clock, performance } from "./clock.ts";
import { createConsole } from "./console.ts";
import { createCrypto } from "./crypto.ts";
import { Event, EventTarget } from "./events.ts";
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
  /** Names of the language whose own version does not do. */
  language: Record<string, unknown>;
  /** Names of the web platform, for one more compartment. */
  web(): Record<string, unknown>;
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
    Event,
    EventTarget,
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
    performance,
  });
  return {
    language: clock,
    web: () => ({ ...shared, ...harden(createTimers()) }),
    fetchKit,
  };
}
