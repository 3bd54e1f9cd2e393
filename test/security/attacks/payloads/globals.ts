import type { Attack } from "../support/attack.ts";

/** Names that would give something of the host's, or memory that nobody counts. The attack works when one is there. */
const names = `process require Buffer global module.constructor._load console._stdout WebAssembly Worker
  SharedArrayBuffer Atomics WeakRef FinalizationRegistry MessageChannel MessagePort BroadcastChannel setImmediate
  lockdown harden assert ModuleSource getStackString performance.eventLoopUtilization performance.timeOrigin WebSocket
  EventSource XMLHttpRequest navigator localStorage DOMException crypto.subtle Intl ShadowRealm AsyncContext Uint8Array ArrayBuffer DataView Float64Array BigUint64Array Blob File FormData ReadableStream
  CompressionStream Performance PerformanceObserver CustomEvent Storage RegExp.$1 RegExp.input RegExp.lastMatch gc realProcess`.split(
  /\s+/,
);
/** These are not in a weakened sandbox either; plugin code must not get them with a newer Node, or from SES. */
const nowhere = new Set(
  `module.constructor._load console._stdout require Worker assert EventSource XMLHttpRequest localStorage ShadowRealm
  AsyncContext gc lockdown ModuleSource performance.eventLoopUtilization performance.timeOrigin crypto.subtle`.split(
    /\s+/,
  ),
);

const present: Attack[] = names.map((name) => {
  const attack: Attack = {
    to: `find ${name}`,
    code: `let found; try { found = ${name}; } catch {} return found === undefined ? "absent" : won(typeof found);`,
  };
  return nowhere.has(name)
    ? { ...attack, notNoticed: "It is not there in a weakened sandbox either." }
    : attack;
});

/** What remains out of reach with the permission for binary data. */
const withBinary: Attack[] = ["SharedArrayBuffer", "Atomics", "WebAssembly", "WeakRef"].map((name) => ({
  to: `find ${name}, with the permission for binary data too`,
  binary: true,
  code: `let found; try { found = ${name}; } catch {} return found === undefined ? "absent" : won(typeof found);`,
}));

/** Ways around the scope in which the code of a compartment is evaluated. */
const scopes: Attack[] = [
  {
    to: "find the thread's global object through this at the top, or in a sloppy function",
    prelude: "const thisOfModule = this; const thisOfArrow = (() => this)();",
    code: `const roots = [thisOfModule, thisOfArrow, (function () { return this; })(), Reflect.apply(function () { return this; }, null, [])];
      for (const root of roots) if (root !== undefined && root !== module.exports) return won(typeof root.process + typeof root);`,
  },
  {
    to: "get the objects of its scope as the this of a function that it calls by name",
    from: "endojs/endo#904: the scope proxy was the this of a global function",
    code: `globalThis.revealThis = function () { return this; };
      const scope = revealThis();
      if (scope !== undefined && scope !== globalThis) return won("another object of the scope");
      if (scope?.process !== undefined || scope?.realProcess !== undefined) return won(typeof scope);`,
  },
  {
    to: "see past its global object with Symbol.unscopables",
    code: `globalThis[Symbol.unscopables] = { process: true, Atomics: true, globalThis: true, eval: true };
      try {
        if (typeof process !== "undefined" || typeof Atomics !== "undefined") return won("a name of the thread's");
        if (typeof eval !== "undefined") return won("the evaluator");
      } finally { delete globalThis[Symbol.unscopables]; }`,
  },
  {
    to: "make a global of the thread by assigning to a name that nobody declared",
    code: `try { undeclaredByAnyone = "left"; } catch {} return "tried";`,
    look: `if (typeof undeclaredByAnyone !== "undefined") return won(undeclaredByAnyone);`,
  },
  {
    to: "change a name of the language for the host's code",
    code: `for (const name of ["Math", "escape", "Date"]) { try { globalThis[name] = { mark: "changed" }; } catch {} }
      try { Object.defineProperty(globalThis, "undefined", { value: "changed" }); } catch {} return "tried";`,
    look: `if (Math.mark || escape.mark || Date.mark || String(undefined) === "changed") return won("changed");`,
  },
  {
    to: "read who called it, or the arguments of who called it",
    code: `function look() { return [look.caller, look.arguments, arguments.callee]; }
      for (const found of look()) if (found) return won(typeof found);`,
  },
  {
    to: "run code through the names that SES keeps for itself",
    code: `for (const name of ["__evaluate__", "scopeTerminator", "evalScope", "globalLexicals", "lockdown", "sourceURL", "\\u200dmeta"]) {
        try { if (globalThis[name] !== undefined) return won(name); } catch {} }
      const names = Object.getOwnPropertyNames(globalThis).filter((name) => /eval|Function|Compartment|process/.test(name));
      if (names.length > 0) return won(names.join());`,
  },
  {
    to: "reach memory of others through a buffer that it is given",
    binary: true,
    code: `const bytes = new TextEncoder().encode("x");
      const reply = await (await context.fetch("https://vendor.test/")).bytes();
      for (const view of [bytes, reply, await context.host.echo([new Uint8Array(4)]).then(([list]) => list[0] ?? list)])
        if (view.buffer.byteLength > view.byteLength) return won(view.buffer.byteLength);`,
    notNoticed: "What the sandbox hands in owns its buffer with or without compartments.",
  },
  {
    to: "have the host fill an array of another size than the one that it checked",
    binary: true,
    code: `let asked = 0;
      const target = new Uint8Array(70000);
      Object.defineProperty(target, "byteLength", { get: () => (asked++ === 0 ? 10 : 70000) });
      try { crypto.getRandomValues(target); } catch { return "refused"; }
      if (target.subarray(65536).some((byte) => byte !== 0)) return won("more than was checked");`,
    notNoticed: "The check is in the endowment itself, which is not what the weakened sandbox lacks.",
  },
];

export const globals: Attack[] = [...present, ...withBinary, ...scopes];
