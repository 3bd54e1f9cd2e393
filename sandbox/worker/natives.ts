/**
 * What the thread itself needs of Node, taken before lockdown and before the globals go. Nothing of this
 * is handed to plugin code as it is: see endowments/.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { randomFillSync, randomUUID } from "node:crypto";
import { registerHooks } from "node:module";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext, Script } from "node:vm";

// The flag shows `gc` to contexts that are made after it; this one is thrown away.
setFlagsFromString("--expose-gc");
const gc: unknown = runInNewContext("gc");
setFlagsFromString("--no-expose-gc");

const { nodeTiming } = performance;

export const natives = {
  AsyncLocalStorage,
  Script,
  URL: globalThis.URL,
  URLSearchParams: globalThis.URLSearchParams,
  TextEncoder: globalThis.TextEncoder,
  TextDecoder: globalThis.TextDecoder,
  structuredClone: globalThis.structuredClone,
  setTimeout: globalThis.setTimeout,
  clearTimeout: globalThis.clearTimeout,
  setInterval: globalThis.setInterval,
  setImmediate: globalThis.setImmediate,
  now: performance.now.bind(performance),
  /** How long the event loop has waited, in ms. */
  idleMs: () => nodeTiming.idleTime,
  atob: globalThis.atob,
  btoa: globalThis.btoa,
  randomUUID,
  randomFillSync,
  collectGarbage: typeof gc === "function" ? () => void gc() : () => {},
  usedHeapBytes: () => getHeapStatistics().used_heap_size,
  process,
  /** From then on nothing is imported or required any more, not even what Node brings. */
  closeLoader: () => {
    const refuse = (): never => {
      throw new Error("Nothing is loaded in this thread any more.");
    };
    registerHooks({ resolve: refuse, load: refuse });
  },
};

// Node loads some of these lazily; do it while the intrinsics can still be touched.
new natives.TextDecoder().decode(new natives.TextEncoder().encode("warm"));
natives.structuredClone({ warm: new natives.URL("http://warm.invalid/?a=b").searchParams.get("a") });
natives.btoa(natives.atob("AAAA"));
randomUUID();
