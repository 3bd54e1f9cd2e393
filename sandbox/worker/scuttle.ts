import { natives } from "./natives.ts";

/**
 * Takes away the globals of the start realm, what Node's process object can do, and the way to load modules, so
 * that code which slipped out of its compartment finds nothing to work with. The permission model alone would leave
 * it enough: process.report tells the host's environment, process.kill ends the host, and `node:sqlite` and
 * process.loadEnvFile open files that --permission does not allow (Node 26.10).
 * Modules that were loaded before hold what they need.
 */
export function scuttle(): void {
  // A rejection that nobody handles belongs to plugin code; Node would end the thread for it.
  natives.process.on("unhandledRejection", () => {});
  natives.closeLoader();
  for (const name of Reflect.ownKeys(natives.process)) {
    if (typeof name === "symbol" || keptOfProcess.has(name)) continue;
    if (!Reflect.deleteProperty(natives.process, name)) Reflect.set(natives.process, name, undefined);
  }
  // Whenever the host has read what was printed, Node asks these two for more, and ends the thread when they are not there.
  for (const name of ["stdout", "stderr"])
    Object.defineProperty(natives.process, name, { value: withNothingToPrint });
  // Node calls this on its own, e.g. for a rejection that is handled late; without it the thread would end.
  natives.process.emitWarning = () => {};
  for (const name of Object.getOwnPropertyNames(globalThis))
    if (!keptGlobals.has(name)) Reflect.deleteProperty(globalThis, name);
  // tinypool's loop looks for the streams of these two after every task.
  for (const name of ["process", "console"])
    Object.defineProperty(globalThis, name, { value: Object.freeze({ __proto__: null }) });
}

const nothing = Object.freeze(() => {});
/** Node asks by a symbol that it shows to nobody. */
const withNothingToPrint = new Proxy(Object.freeze({ __proto__: null }), { get: () => nothing });

/** What Node itself goes through when it emits, ticks and ends the thread. */
const keptOfProcess = new Set(["_events", "_eventsCount", "_maxListeners", "_exiting", "domain", "nextTick"]);

/** The language, and what tinypool's loop reads by name. */
const keptGlobals = new Set(
  `Infinity NaN undefined isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
  encodeURIComponent Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView EvalError Int8Array
  Int16Array Int32Array Map Number Object Promise Proxy RangeError ReferenceError Set String SyntaxError TypeError
  Uint8Array Uint8ClampedArray Uint16Array Uint32Array Float16Array Float32Array Float64Array URIError WeakMap
  WeakSet Iterator AggregateError JSON Reflect Date Error RegExp Symbol Math globalThis harden Atomics`.split(
    /\s+/,
  ),
);
