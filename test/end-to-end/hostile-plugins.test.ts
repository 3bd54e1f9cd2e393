/** What a plugin does to itself costs its own call, and nobody else's. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

/** What needs seconds of a processor may be ended for its time first, on a machine that has few of them to give. */
const hostile: Record<string, { run: string; code: string | RegExp }> = {
  spin: { run: "for (;;) {}", code: /^plugin-(blocked|deadline-exceeded)$/ },
  "fill-the-heap": {
    run: "const held = []; for (;;) held.push(new Array(10000).fill({ a: 1 }));",
    code: /^plugin-(out-of-memory|crashed|deadline-exceeded)$/,
  },
  "split-into-half-a-billion": {
    // One allocation that no heap limit holds: V8 ends the process that it happens in (nodejs/node#47224).
    run: "return 'x'.repeat(2 ** 29 - 100).split('').length;",
    code: /^plugin-(out-of-memory|crashed|deadline-exceeded)$/,
  },
  "spin-where-no-interrupt-comes": {
    // V8 does not look for the end of the thread in this loop.
    run: "for (;;) new Array(1000).fill(0);",
    code: /^plugin-(blocked|deadline-exceeded)$/,
  },
  recurse: { run: "const f = () => f() + 1; return f();", code: "plugin-failed" },
  "throw-null": { run: "throw null;", code: "plugin-failed" },
  "throw-a-proxy": {
    run: "throw new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 2; } });",
    code: "plugin-failed",
  },
  "throw-a-thenable": { run: "throw { then() { for (;;) {} }, message: 'x' };", code: "plugin-failed" },
  "return-a-function": { run: "return () => 1;", code: "action-output-invalid" },
  "return-a-cycle": { run: "const a = {}; a.a = a; return a;", code: "action-output-invalid" },
  "never-answer": { run: "await new Promise(() => {});", code: "plugin-deadline-exceeded" },
  "reject-unheard": { run: "Promise.reject(new Error('unheard')); return { ok: true };", code: "ok" },
  "leave-what-it-began": {
    // What is left at whatever point the host is at with it may fail later; nobody hearing of that would end the host.
    run: `const begin = (signal) => {
        const body = "x";
        fetch("https://gone.mallory.invalid/", { method: "POST", body, signal });
        files.fetch("https://gone.mallory.invalid/", { method: "POST", body, into: {} });
        files.create({}).then((file) => file.append(body));
        files.get("fil_none");
        storage.set("a", 1);
        storage.get("a");
        events.publish("made", {});
      };
      for (const turns of [0, 1, 2, 4]) {
        const controller = new AbortController();
        begin(controller.signal);
        for (let turn = 0; turn < turns; turn++) await null;
        controller.abort();
      }
      begin();
      return { ok: true };`,
    code: "ok",
  },
  "flood-the-log": {
    run: "for (let i = 0; i < 100000; i++) log.info('x'.repeat(1000)); return { ok: true };",
    code: /^(ok|plugin-failed)$/,
  },
};

test("a hostile call fails with its own code while a good plugin goes on", {
  timeout: 170_000,
}, async (t) => {
  // A call that never answers is ended by its deadline; nobody has to wait half a minute for that here.
  const pluginSettings = { plugins: { "mallory/hostile": { limits: { deadlineMs: 10_000 } } } };
  const host = await startTestHost(t, { pluginSettings });
  const publisher = await registerPublisher(host.address, "mallory");
  const actions = Object.fromEntries(Object.entries(hostile).map(([name, { run }]) => [name, { run }]));
  const permissions = {
    network: [{ hosts: ["gone.mallory.invalid"], methods: ["POST" as const], reason: "Attack" }],
    files: { reason: "Attack" },
    storage: { maxBytes: 1_000_000, reason: "Attack" },
    events: { publish: ["made"], reason: "Attack" },
  };
  await publishTestPlugin(host.address, publisher, { id: "mallory/hostile", actions, permissions });
  const echo = { echo: { run: "return { said: input.say };" } };
  await publishTestPlugin(host.address, publisher, { id: "mallory/good", actions: echo });
  const [bad, good] = [await host.tenant(), await host.tenant()];
  const badPath = `/api/v1/connections/${(await connect(bad, "mallory/hostile")).connectionId}/actions`;
  const goodPath = `/api/v1/connections/${(await connect(good, "mallory/good")).connectionId}/actions`;

  for (const [name, { code }] of Object.entries(hostile)) {
    await t.test(name, async () => {
      const attack = bad.api.post(`${badPath}/${name}`, { input: {} });
      const [during, attacked] = await Promise.all([
        good.api.post(`${goodPath}/echo`, { input: { say: "hello" } }),
        attack,
      ]);
      assert.deepEqual(during.body.output, { said: "hello" });
      const outcome = attacked.status === 200 ? "ok" : attacked.body.code;
      if (typeof code === "string") assert.equal(outcome, code, JSON.stringify(attacked.body));
      else assert.match(outcome, code, JSON.stringify(attacked.body));
      assert.notEqual(attacked.status, 500);
      const after = await good.api.post(`${goodPath}/echo`, { input: { say: "still here" } });
      assert.deepEqual(after.body.output, { said: "still here" });
    });
  }
});
