import type { Attack } from "../support/attack.ts";

/**
 * Ways for the code of one tenant to leave something for the code of another, or to change what it gets. `code` runs
 * for one tenant, whose input holds a secret; `look` for another, and the attack works when that one finds a trace.
 */
const SECRET = "context.input.secret";

/** Objects that every compartment of a thread shares. */
const shared =
  `Object Array Promise Map Set WeakMap Error TypeError AggregateError Date Math JSON Reflect Proxy Symbol RegExp
  String Number Boolean BigInt Iterator Temporal URL URLSearchParams Headers Request Response AbortController AbortSignal
  Event EventTarget TextEncoder TextDecoder structuredClone crypto console fetch atob queueMicrotask performance
  parseInt escape isNaN decodeURI`
    .split(/\s+/)
    .concat(
      "(() => {}).constructor",
      "Object.getPrototypeOf(async () => {})",
      "Object.getPrototypeOf(function* () {})",
      "Object.getPrototypeOf(async function* () {}).prototype",
      "Object.getPrototypeOf([][Symbol.iterator]())",
      "Object.getPrototypeOf(''.matchAll(/x/g))",
      "Object.getPrototypeOf(Iterator.from({ next() {} }))",
      "Object.getPrototypeOf(new Headers().entries())",
      "Object.getPrototypeOf(new URL('http://x/').searchParams.keys())",
      "Object.getPrototypeOf(Request)",
      "Headers.prototype.get",
      "Math.random",
      "Error.captureStackTrace",
      "Object.getOwnPropertyDescriptor(URL.prototype, 'href').get",
      "Object.getOwnPropertyDescriptor(new Error('x'), 'stack')?.get",
      "context.log.info.constructor",
      "(await context.host.echo()).constructor",
      "(await context.fetch('https://vendor.test/')).constructor",
    );

const marks: Attack[] = shared.map((target) => ({
  to: `leave a mark on ${target} that another tenant finds`,
  code: `const target = ${target};
    for (const object of [target, target?.prototype]) {
      if (object === undefined || object === null) continue;
      try { object.mark = "left"; } catch {}
      try { Object.defineProperty(object, "mark", { value: "left", configurable: true }); } catch {}
    }`,
  look: `const target = ${target};
    for (const object of [target, target?.prototype]) if (object?.mark === "left") return won("the mark");`,
}));

/** Walks over everything that can be reached, and marks what can be marked. */
const walk = `
const everythingFrom = (roots) => {
  const seen = new Set();
  const queue = [...roots];
  while (queue.length > 0 && seen.size < 20000) {
    const object = queue.pop();
    if ((typeof object !== "object" && typeof object !== "function") || object === null || seen.has(object)) continue;
    seen.add(object);
    try {
      queue.push(Object.getPrototypeOf(object));
      for (const key of Reflect.ownKeys(object)) {
        const { value, get, set } = Reflect.getOwnPropertyDescriptor(object, key);
        queue.push(value, get, set);
      }
    } catch {}
  }
  return seen;
};
const rootsOf = async (context) => {
  const roots = [globalThis, context, module, [].entries(), new Map().keys(), new Set().keys(), "x".matchAll(/x/g), async () => {},
    function* () {}, async function* () {}, class {}, new Headers().entries(), new URL("http://x/?a").searchParams.keys(), Symbol("x"), 1n, "x", 1, true];
  for (const name of ["Intl", "Temporal", "Iterator"]) roots.push(globalThis[name]);
  for (const run of [() => new URL("?"), () => null.x, () => structuredClone(() => {}), () => atob("*"), () => Symbol() + "", () => 1n + 1]) roots.push(caught(run));
  for (const url of ["", "refused", "broken"]) roots.push(await context.fetch("https://vendor.test/" + url).catch((error) => error));
  roots.push(await context.host.echo(), AbortSignal.abort(), await new Promise((ok) => { const c = new AbortController(); c.signal.onabort = ok; c.abort(); }));
  return roots;
};
`;

const state: Attack[] = [
  {
    to: "leave a mark on anything at all that can be reached and another tenant finds",
    from: "whatever somebody forgot to freeze",
    prelude: walk,
    code: `for (const object of everythingFrom(await rootsOf(context))) { try { Object.defineProperty(object, "markOfTheWalk", { value: "left", configurable: true }); } catch {} }`,
    look: `for (const object of everythingFrom(await rootsOf(context))) if (Object.hasOwn(object, "markOfTheWalk")) return won(typeof object + " " + (object.name ?? Object.prototype.toString.call(object)));`,
  },
  {
    to: "leave text in the last match of all regular expressions",
    from: "RegExp.$1 and its kin belong to the realm",
    code: `/(.+)/.exec("left behind");`,
    look: `for (const name of ["$1", "$_", "$&", "input", "lastMatch", "lastParen", "leftContext"]) if (String(RegExp[name]).includes("left behind")) return won(name);`,
  },
  {
    to: "hand something over under a symbol of the registry",
    code: `const key = Symbol.for("meeting point");
      for (const object of [Object, Object.prototype, Symbol, Symbol.prototype, console, Symbol.iterator]) { try { object[key] = ${SECRET}; } catch {} }`,
    look: `const key = Symbol.for("meeting point");
      for (const object of [{}, Object, Symbol, Symbol.iterator, console]) if (object[key] !== undefined) return won(object[key]);`,
  },
  {
    to: "hand something over in a global",
    code: `globalThis.left = ${SECRET};`,
    look: `if (globalThis.left !== undefined) return won(globalThis.left);`,
  },
  {
    to: "hand something over in the plugin's own variables",
    prelude: "let leftInModule;",
    code: `leftInModule = ${SECRET};`,
    look: `if (leftInModule !== undefined) return won(leftInModule);`,
    notNoticed: "The code of the plugin is still evaluated once for each tenant.",
  },
  {
    to: "stop the timer of another tenant by its number",
    prelude: "let fired = false;",
    code: `for (let id = 0; id < 1000; id++) { clearTimeout(id); clearInterval(id); } return "cleared";`,
    look: `const timer = setTimeout(() => {}, 50); if (typeof timer !== "number") return won("a timer of the host's");`,
    notNoticed: "Timers are made per compartment, also by the weakened sandbox.",
  },
  {
    to: "use the fetch of another tenant's call",
    code: `globalThis.keptFetch = context.fetch; globalThis.keptEcho = context.host.echo;`,
    look: `if (globalThis.keptFetch === undefined) return;
      const error = await rejected(() => globalThis.keptFetch("https://vendor.test/"));
      return won(error?.code ?? "used");`,
  },
  {
    to: "read another tenant's input or config from what it is given itself",
    code: `return "had its own";`,
    look: `const text = JSON.stringify([context.input, context.connection]) + Reflect.ownKeys(context).join();
      if (text.includes("tnt_b") || "tenantId" in context) return won(text);`,
    notNoticed: "It shows what the argument holds, which the walls do not change.",
  },
  {
    to: "follow another tenant's call through the context of an asynchronous function",
    from: "AsyncLocalStorage mixups",
    code: `globalThis.later = (async () => { await new Promise((ok) => setTimeout(ok, 20)); return fetch; })(); await null;`,
    look: `if (globalThis.later !== undefined) return won("the other's promise");`,
  },
];

/** What one tenant changes for all. */
const pollution: Attack[] = [
  ["Object.prototype", "polluted", "({}).polluted"],
  ["Array.prototype", "polluted", "[].polluted"],
  ["Function.prototype", "polluted", "(() => {}).polluted"],
  ["String.prototype", "polluted", "''.polluted"],
  ["Promise.prototype", "polluted", "Promise.resolve().polluted"],
  ["Map.prototype", "polluted", "new Map().polluted"],
  ["Error.prototype", "polluted", "new Error().polluted"],
  ["RegExp.prototype", "polluted", "/x/.polluted"],
  ["Headers.prototype", "polluted", "new Headers().polluted"],
  ["Response.prototype", "polluted", "new Response().polluted"],
].map(([target, key, found]) => ({
  to: `pollute ${target} for another tenant`,
  code: `try { ${target}.${key} = "left"; } catch {} try { Object.assign(${target}, { ${key}: "left" }); } catch {} try { Reflect.set(${target}, "${key}", "left"); } catch {}`,
  look: `if (${found} === "left") return won("${target}");`,
}));

const overrides: Attack[] = [
  {
    to: "pollute a prototype with a merge of its input",
    from: "the classic: __proto__ in JSON",
    code: `const merge = (to, from) => { for (const key of Reflect.ownKeys(from)) { if (typeof from[key] === "object") merge((to[key] ??= {}), from[key]); else to[key] = from[key]; } return to; };
      try { merge({}, context.input); } catch {} try { merge({}, await context.host.spoilt()); } catch {}
      try { merge({}, context.connection.config); } catch {} try { merge({}, await (await context.fetch("https://vendor.test/")).json()); } catch {}`,
    look: `if ({}.polluted !== undefined) return won({}.polluted);`,
  },
  {
    to: "change what JSON makes of every object",
    code: `try { Object.prototype.toJSON = () => "changed"; } catch {} `,
    look: `return JSON.stringify({ a: {} }).includes("changed") ? won("toJSON") : null;`,
    // Where it works, it changes what the thread itself sends.
    proof: ({ output, error }) => (output === null ? undefined : (error?.code ?? output)),
  },
  {
    to: "change how objects become text",
    code: `try { Object.prototype[Symbol.toPrimitive] = () => "changed"; } catch {} try { Array.prototype.join = () => "changed"; } catch {}`,
    look: `if (\`\${{}}\${[1]}\`.includes("changed")) return won("toPrimitive");`,
  },
  {
    to: "change which class arrays make their copies of",
    from: "CVE-2026-44008 (vm2)",
    code: `try { Object.defineProperty(Array, Symbol.species, { value: function () { return { mark: "changed" }; } }); } catch {} try { Array.prototype.constructor = { [Symbol.species]: function () { return { mark: "changed" }; } }; } catch {}`,
    look: `if ([1].map((x) => x).mark === "changed") return won("species");`,
  },
  {
    to: "hear of every promise of another tenant",
    from: "CVE-2023-37466 (vm2): Promise.prototype.then",
    code: `const { then } = Promise.prototype;
      try { Promise.prototype.then = function (...args) { this.heard = true; return Reflect.apply(then, this, args); }; } catch {}`,
    look: `const promise = Promise.resolve(1); promise.then(() => {}); if (promise.heard) return won("heard");`,
  },
  {
    to: "hear of every array that is iterated",
    code: `const original = Array.prototype[Symbol.iterator]; try { Array.prototype[Symbol.iterator] = function () { globalThis.heard = this; return Reflect.apply(original, this, []); }; } catch {}`,
    look: `const list = [1]; for (const _ of list); if (globalThis.heard !== undefined) return won("heard");`,
  },
  {
    to: "hear of every map's keys, with the host's own among them",
    code: `const { set } = Map.prototype; globalThis.keys = []; try { Map.prototype.set = function (key, value) { globalThis.keys.push(key); return Reflect.apply(set, this, [key, value]); }; } catch {}`,
    look: `if (globalThis.keys?.length > 0) return won(globalThis.keys.map(String).join());`,
  },
  {
    to: "get the frames of every error over Error.prepareStackTrace",
    from: "CVE-2022-36067 (vm2)",
    code: `try { Error.prepareStackTrace = (error, frames) => frames; } catch {} try { Object.defineProperty(Error, "prepareStackTrace", { value: (error, frames) => frames }); } catch {}`,
    look: `const { stack } = new Error("x"); if (typeof stack !== "string") return won("frames: " + stack?.length);`,
  },
  {
    to: "choose how many frames every error has",
    code: `try { Error.stackTraceLimit = 0; } catch {} try { Object.defineProperty(Error, "stackTraceLimit", { value: 0 }); } catch {}`,
    look: `if (Error.stackTraceLimit === 0) return won("the limit");`,
  },
  {
    to: "change a class that the host's own code uses",
    code: `try { Headers.prototype.entries = function* () { yield ["changed", "x"]; }; } catch {} try { AbortSignal.prototype.dispatchEvent = () => {}; } catch {} try { URL.prototype.toString = () => "changed"; } catch {}`,
    look: `if ([...new Headers().entries()].length > 0 || String(new URL("http://x/")) === "changed") return won("changed");`,
  },
  {
    to: "change dates, regular expressions or numbers for others",
    code: `try { Date.now = () => 7; } catch {} try { RegExp.prototype.exec = () => null; } catch {} try { Number.prototype.toString = () => "7"; } catch {} try { String.prototype.split = () => ["7"]; } catch {}`,
    look: `if (Date.now() === 7 || /x/.exec("x") === null || (1).toString() === "7" || "a b".split(" ")[0] === "7") return won("changed");`,
  },
];

export const channels: Attack[] = [...marks, ...state, ...pollution, ...overrides];
