/**
 * What plugin code does to take processor, memory or patience from everybody. Each must end as the one call's own
 * failure (or as nothing), while a good tenant of the same plugin, and a good plugin beside it, get right answers.
 */
export interface Starvation {
  run: string;
  /** How it may end; "ok" is an answer. */
  ends: ("ok" | "time" | "memory" | "failed" | "invalid" | "too-large" | "crashed")[];
  from?: string;
  binary?: boolean;
  /** It ends by itself, after so much work that a slow machine may end it for its time before: then it has paid too. */
  heavy?: true;
  /** It takes nothing but time; only the deadline ends it. */
  waits?: true;
  /** What no thread contains: V8 ends the process that it runs in, or compiles a loop that nothing interrupts. */
  processOnly?: true;
}

const spins = { ends: ["time"] } as const satisfies Partial<Starvation>;
const fills = { ends: ["memory", "time", "failed"] } as const satisfies Partial<Starvation>;
const entry = (
  o: { ends: readonly Starvation["ends"][number][] } & Omit<Starvation, "ends">,
): Starvation => ({
  ...o,
  ends: o.heavy ? [...o.ends, "time"] : [...o.ends],
});

export const starving: { [what: string]: Starvation } = Object.fromEntries(
  Object.entries({
    "an empty loop": { run: "for (;;);", ...spins },
    "an empty loop in an async function": { run: "await null; while (true);", ...spins },
    "a loop over the clock": { run: "const at = Date.now(); while (Date.now() - at < 1e9);", ...spins },
    "microtasks without end": {
      run: "const again = () => queueMicrotask(again); again(); await new Promise(() => {});",
      ...spins,
    },
    "promises without end": {
      run: "const again = () => Promise.resolve().then(again); again(); await new Promise(() => {});",
      ends: ["time", "memory"],
    },
    "awaiting without end": { run: "for (;;) await null;", ...spins },
    "an async generator without end": {
      run: "for await (const _ of (async function* () { for (;;) yield 1; })());",
      ...spins,
    },
    "an iterator without end": {
      run: "for (const _ of { [Symbol.iterator]: () => ({ next: () => ({ done: false }) }) });",
      ...spins,
    },
    "a thenable that resolves to itself for ever": {
      run: "const next = () => ({ then: (ok) => ok(next()) }); return next();",
      ...spins,
    },
    "timers that start timers": {
      run: "const again = () => { setTimeout(again); let i = 0; while (i < 1e6) i++; }; again(); await new Promise(() => {});",
      ...spins,
      waits: true,
    },
    "intervals that eat the time": {
      run: "setInterval(() => { const at = Date.now(); while (Date.now() - at < 50); }, 0); await new Promise(() => {});",
      ...spins,
      waits: true,
    },
    recursion: { run: "const f = () => f() + 1; return f();", ends: ["failed"], heavy: true },
    "recursion through JSON": {
      run: "const f = () => JSON.stringify({ toJSON: f }); return f();",
      ends: ["failed"],
      heavy: true,
    },
    "recursion that catches its own end": {
      run: "const f = () => { try { f(); } catch { f(); } }; f();",
      ends: ["time", "failed", "ok"],
    },
    "a catastrophic regular expression": {
      run: "return /^(a+)+$/.test('a'.repeat(60) + '!');",
      from: "ReDoS",
      ...spins,
    },
    "a regular expression with lookbehind": {
      run: "return /(?<=(a|aa)+)b$/.test('a'.repeat(60));",
      ends: ["time", "ok"],
    },
    "a regular expression over blanks": {
      run: "return new Headers({ a: 'x' + ' '.repeat(500000) + 'x' }).get('a').length;",
      ends: ["ok"],
    },
    "a comparison by locale": {
      run: "const text = 'ä'.repeat(1e5); for (;;) text.localeCompare(text + 'b');",
      ...spins,
    },
    "normalizing long text": {
      run: "const text = '\\u1e9b\\u0323'.repeat(1e5); for (;;) text.normalize('NFKD');",
      ends: ["time", "memory"],
    },
    "large powers": { run: "let n = 3n; for (;;) n = n ** 3n;", ends: ["time", "failed", "memory"] },
    "large numbers as text": {
      run: "return (7n ** 3000000n).toString().length;",
      ends: ["ok", "time", "failed"],
    },
    "a comparator that never agrees": {
      run: "for (;;) Array.from({ length: 1e5 }, (_, i) => i).sort(() => Math.random() - 0.5);",
      ...spins,
    },
    "a list that grows": { run: "const all = []; for (;;) all.push({ a: [1, 2, 3] });", ...fills },
    "a map that grows": { run: "const all = new Map(); for (let i = 0; ; i++) all.set(i, { i });", ...fills },
    "text that grows": {
      run: "const all = []; for (let i = 0; ; i++) all.push(('x' + i).repeat(1000).split(''));",
      ...fills,
    },
    "text that doubles": {
      run: "let text = 'x'; for (;;) text += text;",
      ends: ["failed", "memory", "time"],
    },
    padding: { run: "return 'x'.padEnd(2 ** 29 - 25).length;", ends: ["ok", "memory", "failed"] },
    "closures without end": { run: "let f = () => 0; for (;;) { const g = f; f = () => g; }", ...fills },
    "symbols in the registry": { run: "for (let i = 0; ; i++) Symbol.for('symbol ' + i);", ...fills },
    "promises that nobody settles": {
      run: "const all = []; for (;;) all.push(new Promise(() => {}).then(() => {}));",
      ...fills,
    },
    "a queue of microtasks": { run: "for (;;) queueMicrotask(() => {});", ...fills },
    "listeners without end": {
      run: "for (;;) context.signal.addEventListener('abort', () => {});",
      ends: ["failed"],
    },
    "signals that follow a signal": {
      run: "const all = []; for (;;) all.push(AbortSignal.any([context.signal]));",
      ...fills,
    },
    "a sparse array as the output": {
      run: "const list = []; list.length = 4294967295; return list;",
      ends: ["time", "memory", "failed", "invalid", "too-large"],
    },
    "holes as the output": {
      run: "return { list: new Array(3e7) };",
      ends: ["time", "memory", "failed", "invalid", "too-large"],
    },
    "a bomb of references as the output": {
      run: "let bomb = 'x'.repeat(1000); for (let i = 0; i < 40; i++) bomb = [bomb, bomb]; return bomb;",
      from: "billion laughs",
      ends: ["invalid"],
      heavy: true,
    },
    "a bomb that toJSON hides": {
      run: "let bomb = 'x'.repeat(1000); for (let i = 0; i < 40; i++) bomb = [bomb, bomb]; return { toJSON: () => bomb };",
      ends: ["invalid", "failed", "memory", "time", "crashed"],
    },
    "a deep output that toJSON hides": {
      run: "let deep = []; for (let i = 0; i < 1e5; i++) deep = [deep]; return { toJSON: () => deep };",
      ends: ["invalid", "failed"],
      heavy: true,
    },
    "an output that grows while it is looked at": {
      run: "let asked = 0; return { get a() { return asked++ === 0 ? 1 : 'x'.repeat(1e8); } };",
      from: "time of check, time of use",
      ends: ["too-large", "memory", "failed"],
      heavy: true,
    },
    "an output that turns into a cycle": {
      run: "let asked = 0; const o = { get a() { return asked++ === 0 ? 1 : o; } }; return o;",
      ends: ["failed", "invalid"],
    },
    "a proxy with endless keys": {
      run: "return new Proxy({}, { ownKeys: () => Array.from({ length: 1e7 }, (_, i) => String(i)), getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) });",
      ends: ["invalid", "memory", "time", "failed"],
    },
    "a proxy that never ends": {
      run: "return new Proxy({}, { get: () => { for (;;); }, getPrototypeOf: () => { for (;;); } });",
      ...spins,
    },
    "an error whose message never ends": { run: "throw { get message() { for (;;); } };", ...spins },
    "an error whose message is huge": {
      run: "throw new Error('x'.repeat(1e8));",
      ends: ["failed"],
      heavy: true,
    },
    "a cause that is its own": {
      run: "const error = new Error('x'); error.cause = error; error.errors = [error]; error.details = error; throw error;",
      ends: ["failed"],
    },
    "an error whose text overflows the stack": {
      run: "throw { get message() { return this.message; } };",
      ends: ["failed"],
    },
    "a clone of a bomb": {
      run: "let bomb = []; for (let i = 0; i < 40; i++) bomb = { a: bomb, b: [bomb] }; for (;;) { structuredClone(Array.from({ length: 1e5 }, () => ({}))); }",
      ends: ["time", "memory"],
    },
    "a huge URL": {
      run: "return new URL('http://x/?' + 'a=b&'.repeat(5e6)).searchParams.size;",
      ends: ["ok", "memory", "failed", "time"],
    },
    "a huge header": {
      run: "const h = new Headers(); for (let i = 0; ; i++) h.append('a', 'x'.repeat(1e4));",
      ...fills,
    },
    "huge text to encode": {
      run: "return new TextEncoder().encode('x'.repeat(5e7)).length;",
      ends: ["ok", "memory", "failed", "time"],
    },
    "huge base64": {
      run: "const all = []; for (;;) all.push(btoa('x'.repeat(1e6)) + all.length);",
      ...fills,
    },
    "log lines without end": {
      run: "for (let i = 0; i < 1e6; i++) context.log.info('x'.repeat(100)); return 'logged';",
      ends: ["ok"],
      heavy: true,
    },
    "console lines without end": {
      run: "for (let i = 0; i < 1e6; i++) console.log('x'.repeat(100)); return 'logged';",
      ends: ["ok"],
      heavy: true,
    },
    "a log line that never ends": { run: "context.log.info('x', { get a() { for (;;); } });", ...spins },
    "timers without end": { run: "for (;;) setTimeout(() => {}, 1e6);", ends: ["failed"] },
    "timers that a delay's own conversion starts": {
      run: "const delay = { valueOf() { setTimeout(() => {}, delay); return 1; } }; setTimeout(() => {}, delay);",
      ends: ["failed"],
      heavy: true,
    },
    "rejections that nobody hears": {
      run: "for (let i = 0; i < 5000; i++) Promise.reject(new Error('unheard')); return 'rejected';",
      from: "CVE-2026-44001 (vm2)",
      ends: ["ok"],
      heavy: true,
    },
    "rejections that are heard late": {
      run: "const all = Array.from({ length: 100 }, () => Promise.reject(new Error('late'))); await new Promise((ok) => setTimeout(ok, 20)); for (const one of all) one.catch(() => {}); await new Promise((ok) => setTimeout(ok, 20)); return 'heard';",
      from: "Node warns of these over a member of process",
      ends: ["ok"],
    },
    "capability calls without end": {
      run: "const all = []; for (let i = 0; i < 5000; i++) all.push(context.fetch('https://vendor.test/').catch(() => {})); await Promise.all(all); return 'asked';",
      ends: ["ok"],
      heavy: true,
    },
    "capability calls one after the other": {
      run: "for (;;) await context.fetch('https://vendor.test/');",
      ends: ["failed", "time"],
    },
    "an argument that is huge": {
      run: "return context.fetch('https://vendor.test/', { method: 'POST', body: 'x'.repeat(3e7) });",
      ends: ["failed", "memory"],
      heavy: true,
    },
    "an answer that never comes": { run: "await new Promise(() => {});", ...spins, waits: true },
    "ending its process": {
      run: "for (const name of ['exit', 'abort', 'reallyExit', 'kill']) { try { globalThis.process?.[name]?.(1); } catch {} } return 'tried';",
      ends: ["ok"],
    },
    "waiting on shared memory": {
      run: "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
      binary: true,
      ends: ["failed"],
    },
    "buffers outside of the heap": {
      run: "const all = []; for (;;) all.push(new Uint8Array(1e6).fill(1));",
      binary: true,
      ...fills,
    },
    "buffers that nobody fills": {
      run: "const all = []; for (;;) all.push(new ArrayBuffer(1e8));",
      binary: true,
      ...fills,
    },
    "a buffer that grows": {
      run: "const buffer = new ArrayBuffer(1, { maxByteLength: 2 ** 33 }); for (let size = 1; ; size *= 2) { buffer.resize(size); new Uint8Array(buffer).fill(1); }",
      binary: true,
      ...fills,
    },
    "random bytes without end": {
      run: "const bytes = new Uint8Array(65536); for (;;) crypto.getRandomValues(bytes);",
      binary: true,
      ...spins,
    },
    "an array longer than V8 has": {
      run: "return 'x'.repeat(2 ** 29 - 100).split('').length;",
      from: "nodejs/node#47224",
      ends: ["memory", "time", "crashed"],
      processOnly: true,
    },
    "a fill of what does not fit": {
      run: "const a = []; a[4e9] = 1; a.length = 5e7; a.fill(1); return a.length;",
      ends: ["memory", "time", "crashed"],
      processOnly: true,
    },
    "large arrays without end": {
      run: "const all = []; for (;;) all.push(new Array(1.3e8).fill(0));",
      ends: ["memory", "time", "crashed"],
      processOnly: true,
    },
    "a loop without a check": {
      run: "for (;;) new Array(1000).fill(0);",
      ends: ["time", "memory", "crashed"],
      processOnly: true,
    },
    "another loop without a check": {
      run: "for (;;) new Array(1000).includes(3);",
      ends: ["time", "memory", "crashed"],
      processOnly: true,
    },
    "large arrays in a loop without a check": {
      run: "const all = []; for (;;) all.push(new Array(1000).fill(0));",
      ends: ["time", "memory", "crashed"],
      processOnly: true,
    },
  } satisfies { [what: string]: Parameters<typeof entry>[0] }).map(([what, o]) => [what, entry(o)]),
);
