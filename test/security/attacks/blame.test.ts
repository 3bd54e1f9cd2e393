/** Having another tenant's call fail, or pay, for what one's own code does. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Capability, Payload, SandboxEvent } from "@plugboard/sandbox";
import { openNeighbours } from "./support/neighbours.ts";

/** No allocation of this size fits under any limit: V8 ends the whole process. */
const abort = "'x'.repeat(2 ** 29 - 100).split('');";
const answering = { good: "({ input }) => ({ good: input })" };

/** Code that goes on when its call has its answer, or hears that it is over. */
const left: { [how: string]: { bad: string; deadlineMs?: number } } = {
  "spinning after its call was answered": {
    bad: "async () => { (async () => { for (let i = 0; i < 2000; i++) await null; for (;;); })(); return 'answered'; }",
  },
  "spinning when its signal aborts": {
    bad: "async ({ signal }) => { signal.addEventListener('abort', () => { for (;;); }); await new Promise(() => {}); }",
    deadlineMs: 300,
  },
  "spinning some time after its signal aborts": {
    bad: `async ({ signal }) => {
      signal.addEventListener('abort', async () => { for (let i = 0; i < 500; i++) await null; for (;;); });
      await new Promise(() => {});
    }`,
    deadlineMs: 300,
  },
  "spinning when a capability ends with its call": {
    bad: "async ({ fetch }) => { try { await fetch('https://vendor.test/'); } catch {} for (;;); }",
    deadlineMs: 300,
  },
};

for (const isolation of ["thread", "process"] as const)
  for (const [how, { bad, deadlineMs }] of Object.entries(left))
    test(`in a ${isolation}, a tenant is not blamed for another's code ${how}`, async (t) => {
      const { call, events } = openNeighbours(
        t,
        { bad, ...answering },
        { isolation, limits: { blockMs: 500 } },
      );
      const guilty = call("bad", "tnt_bad", {
        ...(deadlineMs !== undefined && { deadlineMs }),
        capabilities: { fetch: () => new Promise(() => {}) },
      });
      // The good one's code runs last, before the other goes on.
      assert.deepEqual(await call("good", "tnt_good", { input: 1 }), { good: 1 });
      await guilty;
      assert.deepEqual(await call("good", "tnt_good", { input: 2 }), { good: 2 });
      const ended = events.filter((event) => event.type === "thread-ended");
      assert.equal(ended.length, 1);
      assert.notEqual(ended[0]?.tenantId, "tnt_good");
    });

const ended = (events: SandboxEvent[]) => events.filter((event) => event.type === "thread-ended");
/** A request that is answered when the test says so: a call that made one is not run again. */
function gate() {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<Payload>();
  const fetch: Capability = () => {
    asked.resolve();
    return answer.promise;
  };
  return { fetch, asked: asked.promise, open: () => answer.resolve(null) };
}

test("a tenant alone in flight is not named for what another left behind that ends the process", async (t) => {
  const actions = {
    // It has its answer before it goes on, and then V8 gives up: nobody can ask the process any more.
    bad: `async () => { (async () => { for (let i = 0; i < 2000; i++) await null; ${abort} })(); return 'answered'; }`,
    ask: "({ fetch }) => fetch('https://vendor.test/')",
    ...answering,
  };
  const o = { isolation: "process", limits: { crashes: 2, blockMs: 10_000 } } as const;
  const { call, events } = openNeighbours(t, actions, o);
  for (let round = 1; round <= 4; round += 1) {
    const { fetch, asked, open } = gate();
    const victim = call("ask", "tnt_good", { capabilities: { fetch } });
    await Promise.race([asked, victim]);
    await call("bad", "tnt_bad");
    open();
    await victim;
    assert.deepEqual(await call("good", "tnt_good", { input: round }), { good: round }, `round ${round}`);
  }
  assert.ok(ended(events).length > 1);
  assert.ok(ended(events).every(({ tenantId }) => tenantId !== "tnt_good"));
  assert.ok(
    ended(events).some(({ tenantId }) => tenantId === "tnt_bad"),
    "kept apart, the guilty one is alone with what it does",
  );
});

for (const isolation of ["thread", "process"] as const)
  test(`in a ${isolation}, a tenant is not named for the memory that another keeps`, async (t) => {
    const actions = {
      hoard: `async ({ input, fetch }) => {
        const kept = Array.from({ length: input }, (_, i) => ({ i }));
        await fetch('https://vendor.test/');
        return kept.length;
      }`,
      some: `async () => {
        const own = Array.from({ length: 400_000 }, (_, i) => ({ i }));
        await new Promise((resolve) => setTimeout(resolve, 300));
        return own.length;
      }`,
    };
    const limits = { heapBytes: 64 * 2 ** 20, crashes: 2, blockMs: 10_000 };
    const { call, events } = openNeighbours(t, actions, { isolation, limits });
    for (let round = 0; round < 4; round += 1) {
      const { fetch, asked } = gate();
      const hoarding = call("hoard", "tnt_bad", {
        input: 1_200_000,
        capabilities: { fetch },
        deadlineMs: 10_000,
      });
      await Promise.race([asked, hoarding]);
      assert.equal(await call("some", "tnt_good"), 400_000, `round ${round}`);
    }
    assert.ok(ended(events).every(({ tenantId }) => tenantId !== "tnt_good"));
  });

/**
 * Near the end of its stack plugin code can have the host's code fail at any line. Nothing of what it began may stay, nor
 * be broken for others.
 */
const atTheEndOfTheStack = (what: string) => `async (context) => {
  const attempt = () => { try { ${what} } catch {} };
  const sink = () => { try { sink(); } catch {} attempt(); };
  sink();
}`;

const begun: { [what: string]: string } = {
  timers: "setInterval(() => { globalThis.fired = (globalThis.fired ?? 0) + 1; }, 1)",
  "capability calls": "context.fetch('https://vendor.test/').catch(() => {})",
  "log lines": "context.log.info('x')",
  "URLs and clones": "new URL('http://x/?a=b').searchParams.get('a'); structuredClone({ a: [1] })",
  encodings: "new TextDecoder().decode(new TextEncoder().encode('x'))",
  signals: "AbortSignal.timeout(1)",
};

for (const isolation of ["thread", "process"] as const)
  for (const [what, attempt] of Object.entries(begun))
    test(`in a ${isolation}, ${what} begun near the end of the stack leave nothing behind`, async (t) => {
      const good = `async ({ fetch, log }) => {
        const replies = await Promise.all([1, 2, 3].map(() => fetch("https://vendor.test/").then((reply) => reply.text())));
        await new Promise((resolve) => setTimeout(resolve, 30));
        return [replies.join(), new URL("http://x/a").pathname, structuredClone([1]), new TextDecoder().decode([120])];
      }`;
      const stillFiring = `async () => {
        const before = globalThis.fired;
        await new Promise((resolve) => setTimeout(resolve, 30));
        return globalThis.fired !== before;
      }`;
      const actions = { bad: atTheEndOfTheStack(attempt), good, stillFiring };
      const { call, events } = openNeighbours(t, actions, { isolation });
      const answering = {
        fetch: async () => ({
          status: 200,
          statusText: "",
          url: "",
          headers: [],
          body: new TextEncoder().encode("ok"),
        }),
      };
      await call("bad", "tnt_bad", { capabilities: answering });
      assert.equal(await call("stillFiring", "tnt_bad"), false);
      const output = await call("good", "tnt_good", { capabilities: answering });
      assert.deepEqual(output, ["ok,ok,ok", "/a", [1], "x"]);
      assert.deepEqual(
        events.filter(({ type }) => type === "thread-ended"),
        [],
      );
    });

/** What a plugin puts on objects that the host's code uses in a turn of its own, where nobody catches what it throws. */
const traps: { [where: string]: string } = {
  "the dispatchEvent of its signal":
    "Object.defineProperty(signal, 'dispatchEvent', { value: () => { throw { code: { toString: 1, valueOf: 1 } }; } });",
  "a listener that is a proxy":
    "signal.addEventListener('abort', new Proxy({}, { get() { throw { code: { toString: 1, valueOf: 1 } }; } }));",
  "the reason of its own signal": "signal.addEventListener('abort', () => { throw null; });",
};

for (const isolation of ["thread", "process"] as const)
  for (const [where, trap] of Object.entries(traps))
    test(`in a ${isolation}, ${where} does not end the thread of all`, async (t) => {
      const bad = `async ({ signal }) => { ${trap} await new Promise(() => {}); }`;
      const { call, events } = openNeighbours(t, { bad, ...answering }, { isolation });
      assert.deepEqual(await call("good", "tnt_good", { input: 1 }), { good: 1 });
      await call("bad", "tnt_bad", { deadlineMs: 100 });
      assert.deepEqual(await call("good", "tnt_good", { input: 2 }), { good: 2 });
      assert.deepEqual(
        events.filter(({ type }) => type === "thread-ended"),
        [],
      );
    });
