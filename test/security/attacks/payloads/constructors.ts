import type { Attack } from "../support/attack.ts";

/**
 * Every object leads to a function, every function to the constructor that makes functions of text. Each entry is an
 * expression that gives a tool; the attack works when the tool turns text into running code.
 */
const tools: { [how: string]: string | [tool: string, from: string] } = {
  eval: "eval",
  "indirect eval": "(0, eval)",
  "globalThis.eval": "globalThis.eval",
  Function: "Function",
  "a compartment of its own": "(code) => new Compartment().evaluate(code)",
  "a function's constructor": ["(() => {}).constructor", "CVE-2025-68613 (n8n)"],
  "an async function's constructor": "(async () => {}).constructor",
  "a generator's constructor": "(function* () {}).constructor",
  "an async generator's constructor": "(async function* () {}).constructor",
  "a method's constructor": "({ method() {} }).method.constructor",
  "a getter's constructor": "Object.getOwnPropertyDescriptor({ get a() { return 1; } }, 'a').get.constructor",
  "a class's constructor": "(class {}).constructor",
  "a class's static block":
    "(() => { let found; class A { static { found = this.constructor; } } return found; })()",
  "a class that extends a function": "(code) => new (class extends (() => {}).constructor {})(code)",
  "a bound function's constructor": "(() => {}).bind().constructor",
  "a native function's constructor": "[].map.constructor",
  "a native getter's constructor": "Object.getOwnPropertyDescriptor(Map.prototype, 'size').get.constructor",
  "a proxy of a constructor": "new Proxy((() => {}).constructor, {})",
  "a constructor that is bound": "Function.prototype.bind.call((() => {}).constructor, null)",
  "Reflect.construct": "(code) => Reflect.construct((() => {}).constructor, [code])()",
  "Reflect.construct with another target":
    "(code) => Reflect.construct((() => {}).constructor, [code], Object)",
  "Reflect.get over a proxy": "Reflect.get(new Proxy(() => {}, {}), 'constructor')",
  "a computed name": [
    "(() => {})[`\u0024{'con'}\u0024{'structor'}`]",
    "CVE-2026-25049 (n8n): filters of source text",
  ],
  "a constructor under its own key":
    "Object.entries(Object.getOwnPropertyDescriptors(Object.getPrototypeOf(() => {}))).find(([key]) => key === 'constructor')[1].value",
  "the prototype of a prototype":
    "(() => {}).__proto__.__proto__.__proto__ ?? (() => {}).__proto__.constructor",
  __lookupGetter__: "(() => {}).__lookupGetter__('__proto__').constructor",
  "arguments' iterator": "(function () { return arguments[Symbol.iterator].constructor; })()",
  "the thrower of arguments.callee":
    "Object.getOwnPropertyDescriptor((function () { 'use strict'; return arguments; })(), 'callee').get.constructor",
  "a thrown error": [
    "caught(() => null.x).constructor.constructor",
    "CVE-2023-29017 (vm2): errors of the host",
  ],
  "a thrown syntax error": "caught(() => new RegExp('(')).constructor.constructor",
  "an error of JSON.parse": "caught(() => JSON.parse('{')).constructor.constructor",
  "an error of a stack overflow": [
    "caught(function f() { f(); }).constructor.constructor",
    "CVE-2023-30547 (vm2)",
  ],
  "an error of an endowment": "caught(() => new URL('?')).constructor.constructor",
  "a DataCloneError": "caught(() => structuredClone(() => {})).constructor.constructor",
  "an error of atob": "caught(() => atob('*')).constructor.constructor",
  "an error of Headers": "caught(() => new Headers({ '': 'x' })).constructor.constructor",
  "an error of a decoder":
    "caught(() => new TextDecoder('utf-8', { fatal: true }).decode([0xff])).constructor.constructor",
  "an error of a decoder's flush":
    "caught(() => { const d = new TextDecoder('utf-8', { fatal: true }); d.decode([0xe2], { stream: true }); d.decode(); }).toString.constructor",
  "an error of a timer": "caught(() => setTimeout('text')).constructor.constructor",
  "an error of AbortSignal": "AbortSignal.abort().reason.constructor.constructor",
  "an error of a capability":
    "(await rejected(() => context.fetch('https://vendor.test/refused'))).constructor.constructor",
  "the details of a capability's error":
    "Object.getPrototypeOf((await rejected(() => context.fetch('https://vendor.test/refused'))).details).constructor.constructor",
  "an error that the host did not mean for it":
    "(await rejected(() => context.fetch('https://vendor.test/broken'))).constructor.constructor",
  "an error of a capability that was not given":
    "(await rejected(() => context.host.none())).constructor.constructor",
  "a stack overflow inside an endowment": [
    "(() => { let last; const f = () => { try { new URL('http://x/'); f(); } catch (e) { last = e; } }; f(); return last.constructor.constructor; })()",
    "CVE-2026-22709 and CVE-2023-37466 (vm2)",
  ],
  "an endowment": "fetch.constructor",
  "a class that the host made": "Headers.constructor",
  "a method that the host made": "Headers.prototype.get.constructor",
  "an async method that the host made": "Response.prototype.text.constructor",
  "a generator that the host made": "Headers.prototype.entries.constructor",
  "an iterator that the host made": "Object.getPrototypeOf(new Headers().entries()).constructor.constructor",
  "a getter that the host made": "Object.getOwnPropertyDescriptor(URL.prototype, 'href').get.constructor",
  "a subclass of a class that the host made": "(class extends URL {}).__proto__.constructor",
  "the promise of an endowment": [
    "fetch('https://vendor.test/').constructor.constructor",
    "CVE-2026-22709 (vm2)",
  ],
  "the promise of a capability": "context.host.echo().constructor.constructor",
  "the executor that a species constructor is given": [
    "await (async () => { let found; class P extends Promise { constructor(executor) { super((a, b) => { executor(a, b); found = a; }); } } const p = context.host.echo(); try { p.constructor = P; } catch {} P.prototype.then.call(P.resolve(1)); return found.constructor; })()",
    "CVE-2026-47210 (vm2): promise species",
  ],
  "what a promise of the host resolves to": [
    "(await context.host.echo({})).constructor.constructor",
    "CVE-2026-44000 (vm2)",
  ],
  "the reply of fetch": "(await context.fetch('https://vendor.test/')).constructor.constructor",
  "the parsed body of a reply":
    "Object.getPrototypeOf(await (await context.fetch('https://vendor.test/')).json()).constructor.constructor",
  "the headers of a reply": "(await context.fetch('https://vendor.test/')).headers.constructor.constructor",
  "the argument": ["context.constructor.constructor", "CVE-2025-68613 (n8n): this.constructor"],
  "the input": "Object.getPrototypeOf(context.input).constructor.constructor",
  "the functions of the argument": "context.log.info.constructor",
  "the methods of a capability": "context.host.echo.constructor",
  "the signal": "context.signal.constructor.constructor",
  "an event that the host dispatched": [
    "await new Promise((resolve) => { const c = new AbortController(); c.signal.onabort = resolve; c.abort(); }).then((event) => event.constructor.constructor)",
    "events of the host's own classes",
  ],
  "module and exports": "module.constructor.constructor",
  "a species constructor of Array":
    "(() => { class A extends Array {} return A.from([1]).constructor.constructor.constructor; })()",
  "Symbol.species of Promise": "Promise[Symbol.species].constructor",
  "a thenable's resolve":
    "await new Promise((resolve) => Promise.resolve({ then(ok) { resolve(ok.constructor); ok(); } }))",
  "an async generator's delegate": [
    "await (async () => { let found; async function* g() { yield* { [Symbol.asyncIterator]: () => ({ next: () => ({}), return: () => ({ then(ok) { found = ok.constructor; ok({ done: true }); } }) }) }; } const it = g(); await it.next(); await it.return(); return found; })()",
    "CVE-2026-45411 (vm2)",
  ],
  "a tagged template": "((strings) => strings.raw.constructor.constructor)`x`",
  "an iterator helper": "Iterator.from([]).map.constructor",
  "an array's own iterator": "[][Symbol.iterator]().next.constructor",
  "a match of a regular expression": "'x'.match(/x/).constructor.constructor",
  "a replacer of JSON":
    "(() => { let found; JSON.stringify({ a: 1 }, function () { found = this.constructor.constructor; }); return found; })()",
  "a reviver of JSON":
    "(() => { let found; JSON.parse('1', function () { found = this.constructor.constructor; }); return found; })()",
  "a date's own conversion": "Date.prototype[Symbol.toPrimitive].constructor",
};

export const constructors: Attack[] = Object.entries(tools).map(([how, entry]) => {
  const [tool, from] = typeof entry === "string" ? [entry, undefined] : entry;
  const attack: Attack = {
    to: `run text as code through ${how}`,
    code: `let tool; try { tool = ${tool}; } catch { return "no tool"; } return runsText(tool);`,
  };
  return from === undefined ? attack : { ...attack, from };
});
