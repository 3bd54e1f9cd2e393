import type { Attack, Outcome } from "../support/attack.ts";

/** What tells of this machine, or of the sandbox's own code. */
const HOST = /node:|file:|node_modules|\/worker\/|\.ts\b|\/(?:home|root|tmp|work|usr)\//;

const ofHost = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : HOST.exec(text)?.[0];
/** In what the call answered. */
const answered = ({ output }: Outcome) => ofHost(JSON.stringify(output));
/** In what the host makes of what it threw. */
const thrown = ({ error }: Outcome) => ofHost(JSON.stringify(error?.thrown ?? null));

/** Where an object of the host's, or a place on its disk, may hide in errors. */
export const stacks: Attack[] = [
  ...Object.entries({
    "an error of its own": "new Error('x')",
    "an error of an endowment": "caught(() => new URL('?'))",
    "an error of the engine": "caught(() => null.x)",
    "an error of a capability": "await rejected(() => context.fetch('https://vendor.test/refused'))",
    "an error that the host did not mean for it":
      "await rejected(() => context.fetch('https://vendor.test/broken'))",
    "a clone of an error": "structuredClone(caught(() => new URL('?')))",
    "a callback that the host's code calls":
      "caught(() => new Headers([['a', 'b']]).forEach(() => { throw new Error('x'); }))",
    "a rejection far from its cause":
      "await (async () => { try { await context.host.echo(); throw new Error('x'); } catch (error) { return error; } })()",
    "an error in a listener":
      "await new Promise((ok) => { const c = new AbortController(); c.signal.onabort = () => ok(new Error('x')); c.abort(); })",
    "an error in a timer": "await new Promise((ok) => setTimeout(() => ok(new Error('x'))))",
  }).map(
    ([what, error]): Attack => ({
      to: `read the host's places in the stack of ${what}`,
      code: `const error = ${error}; return [String(error.stack), error.message];`,
      proof: answered,
    }),
  ),
  {
    to: "read them with Error.captureStackTrace",
    code: `const traced = {}; Error.captureStackTrace?.(traced); return String(traced.stack);`,
    proof: answered,
  },
  {
    to: "read them from the frames that Error.prepareStackTrace is given",
    from: "CVE-2022-36067 (vm2)",
    code: `try { Error.prepareStackTrace = (_, frames) => frames.map(String).join(); Error.stackTraceLimit = 100; } catch {} return String(new Error("x").stack);`,
    proof: answered,
  },
  {
    to: "get objects of the host from the frames that Error.prepareStackTrace is given",
    from: "CVE-2022-36067 (vm2): getThis() and getFunction()",
    code: `try { Error.prepareStackTrace = (_, frames) => frames; } catch {}
      const frames = new Error("x").stack;
      if (typeof frames !== "string") return won(typeof frames?.[0]?.getFileName?.());`,
  },
  ...Object.entries({
    "a name that it chose for its class": `class A extends Headers {} Object.defineProperty(A.prototype, Symbol.toStringTag, { value: TAG });
      Object.defineProperty(A.prototype, "constructor", { value: { name: TAG } }); new A([["a", "b"]]).forEach(() => { throw new Error("x"); });`,
    "a name that it chose for its object": `const own = new (class extends Headers {})([["a", "b"]]); Object.defineProperty(own, Symbol.toStringTag, { value: TAG });
      own.forEach(() => { throw new Error("x"); });`,
    "a name that it chose for its function": `new Headers([["a", "b"]]).forEach(Object.defineProperty(() => { throw new Error("x"); }, "name", { value: TAG }));`,
    "a message with frames in it": `throw new Error("x\\n    at " + TAG + " (file:///etc/passwd:1:1)");`,
  }).map(
    ([how, code]): Attack => ({
      to: `have frames of the host taken for its own by ${how}`,
      prelude: `const TAG = "acme/attacks@1.0.0";`,
      code,
      proof: ({ error }) => ofHost(error?.thrown?.stack),
      ...(/object|class/.test(how)
        ? {
            prelude: `const TAG = typeof realProcess === "undefined" ? "acme/attacks@1.0.0" : "acme/no-walls@1.0.0";`,
            notNoticed: "Which frames are the plugin's is for the host's own code to say, also there.",
          }
        : { notNoticed: "A name says nothing there either." }),
    }),
  ),
  {
    to: "be inspected by Node, which hands its own function to what it inspects",
    from: "CVE-2023-37903 (vm2): nodejs.util.inspect.custom",
    code: `const spy = { [Symbol.for("nodejs.util.inspect.custom")]: (...args) => { globalThis.inspected = args.length; return "x"; } };
      console.log(spy); context.log.info(spy, { spy }); const error = new Error("x"); Object.assign(error, spy); Promise.reject(error);
      await new Promise((ok) => setTimeout(ok, 20));
      if (globalThis.inspected !== undefined) return won(globalThis.inspected);`,
    notNoticed: "Node inspects nothing of it there either, since what nobody hears is dropped.",
  },
  {
    to: "write to the host's log as the host",
    code: `context.log.info("x", JSON.parse('{"__proto__":{"level":"error"},"toJSON":"x"}')); context.log.info({ toString: () => { throw 1; } }); context.log.info("a\\nb");`,
    proof: ({ logged }) =>
      logged.find(
        (line) =>
          Object.keys(line as object).some((key) => !["level", "message", "fields"].includes(key)) ||
          Object.hasOwn(Object.prototype, "level"),
      ),
    notNoticed: "A line is made by the sandbox's own code, also there.",
  },
  {
    to: "pollute the host with what it answers",
    code: `return JSON.parse('{"__proto__":{"polluted":"yes"},"constructor":{"prototype":{"polluted":"yes"}}}');`,
    proof: ({ output }) =>
      Object.getPrototypeOf(output) !== Object.prototype || "polluted" in Object.prototype
        ? "the host's objects"
        : undefined,
    notNoticed: "What crosses is text, also there.",
  },
  {
    to: "pollute the host with the details of an error",
    code: `throw Object.assign(new Error("x"), { details: JSON.parse('{"__proto__":{"polluted":"yes"}}'), code: "__proto__", name: "constructor" });`,
    proof: ({ error }) =>
      "polluted" in Object.prototype ||
      (error?.thrown?.details as { polluted?: unknown })?.polluted !== undefined
        ? "the host's objects"
        : undefined,
    notNoticed: "What crosses is text, also there.",
  },
  {
    to: "pass an error off as one of the host's",
    code: `throw Object.assign(new Error("x"), { name: "SandboxError", code: "plugin-closed", retryable: true, retryAfterMs: 1 });`,
    proof: (outcome) => (outcome.error?.code === "plugin-failed" ? undefined : outcome.error?.code),
    notNoticed: "The host decides what failed, also there.",
  },
  ...[
    "null",
    "undefined",
    "7n",
    "Symbol('x')",
    "() => {}",
    "new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } })",
    "new Proxy(() => {}, { apply() { throw 1; } })",
    "{ toString() { throw 1; } }",
    "{ then(ok) { ok(1); } }",
    "Promise.reject(1)",
    "Object.create(null)",
    "new AggregateError([new Error('x')])",
    "{ get message() { throw 1; }, get stack() { throw 2; } }",
    "globalThis",
    "[]",
  ].map(
    (value): Attack => ({
      to: `have the host fail by throwing ${value}`,
      code: `throw ${value};`,
      proof: ({ error }) =>
        error?.code === "plugin-failed" && thrown({ error, logged: [] }) === undefined
          ? undefined
          : (error?.code ?? "no error"),
      notNoticed: "The host reads what was thrown with care, also there.",
    }),
  ),
  ...[
    "() => {}",
    "Symbol('x')",
    "7n",
    "NaN",
    "Infinity",
    "new Map()",
    "new Proxy(new Map(), {})",
    "Promise",
    "new Date(NaN)",
    "(function () { return arguments; })",
    "{ a: () => {} }",
    "(() => { const a = {}; a.a = a; return a; })()",
    "Object.create({ inherited: 1 })",
    "new Proxy({}, { ownKeys() { throw new Error('x'); } })",
    "{ then: 1 }",
    "{ toJSON() { return () => {}; } }",
  ].map(
    (value): Attack => ({
      to: `have the host take ${value} for an answer that is no data`,
      code: `return ${value};`,
      proof: ({ output }) =>
        output === undefined
          ? undefined
          : [output].flat().some((item) => typeof item === "function")
            ? "a function"
            : undefined,
      notNoticed: "What crosses is text, also there.",
    }),
  ),
];
