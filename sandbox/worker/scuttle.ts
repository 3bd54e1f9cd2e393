import { natives } from "./natives.ts";

/** Global names that tinypool's loop in this thread still reads, and the language itself. */
const kept = new Set(["Atomics", "SharedArrayBuffer", "process", "console"]);

/**
 * Takes away the globals of the start realm, so that code which slipped out of its compartment still finds
 * neither process, fetch nor WebAssembly by name. Modules that were loaded before hold what they need.
 */
export function scuttle(): void {
  // A rejection that nobody handles belongs to plugin code; Node would end the thread for it.
  natives.on("unhandledRejection", () => {});
  const nextTick = process.nextTick;
  const replacements: Record<string, unknown> = {
    process: Object.freeze({ __proto__: null, env: Object.freeze({}), nextTick }),
    console: Object.freeze({ __proto__: null }),
  };
  for (const name of Object.getOwnPropertyNames(globalThis)) {
    if (isLanguage(name)) continue;
    if (kept.has(name) && !(name in replacements)) continue;
    Reflect.deleteProperty(globalThis, name);
    if (name in replacements)
      Object.defineProperty(globalThis, name, {
        value: replacements[name],
        writable: false,
        configurable: false,
      });
  }
}

const language = new Set(
  `Infinity NaN undefined isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI
  encodeURIComponent Array ArrayBuffer BigInt BigInt64Array BigUint64Array Boolean DataView EvalError Int8Array
  Int16Array Int32Array Map Number Object Promise Proxy RangeError ReferenceError Set String SyntaxError TypeError
  Uint8Array Uint8ClampedArray Uint16Array Uint32Array Float16Array Float32Array Float64Array URIError WeakMap
  WeakSet Iterator AggregateError JSON Reflect Date Error RegExp Symbol Math globalThis harden`.split(/\s+/),
);

const isLanguage = (name: string): boolean => language.has(name);
