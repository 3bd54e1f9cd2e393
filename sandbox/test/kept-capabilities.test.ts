import assert from "node:assert/strict";
import type { Capability, Payload } from "../index.ts";
import { openPlugin, testInEach } from "./open-plugin.ts";

/** What plugin code may keep in its module's variables: the next call of the same tenant finds it there. */
const keep =
  "({ storage, events, fetch, ask }) => { globalThis.kept = { storage, events, fetch, ask }; return 1; }";
const codeOfEach = `async () => {
  const codes = [];
  const uses = [
    () => kept.storage.get("a"), () => kept.events.publish("a", {}), () => kept.ask(1), () => kept.fetch("https://vendor.test/"),
  ];
  for (const use of uses) codes.push(await use().then(() => "answered", (error) => error.code));
  return codes;
}`;

function recorder() {
  const uses: { callId: string; argument: Payload }[] = [];
  const record: Capability = async (argument, { callId }) => {
    uses.push({ callId, argument });
    return null;
  };
  const capabilities = { "storage.get": record, "events.publish": record, ask: record, fetch: record };
  return { uses, capabilities };
}

testInEach("every capability that is kept past its call is refused, methods too", async (t, isolation) => {
  const plugin = openPlugin(t, { keep, use: codeOfEach }, { isolation });
  const { uses, capabilities } = recorder();
  await plugin.run("keep", { capabilities });
  assert.deepEqual(await plugin.run("use", { capabilities }), Array(4).fill("call-ended"));
  assert.deepEqual(uses, []);
});

testInEach("so is one of a call that the host gave up, while its code still runs", async (t, isolation) => {
  const wait =
    "(context) => { globalThis.kept = context; return new Promise((resolve) => context.signal.addEventListener('abort', () => { globalThis.told = true; })); }";
  const late =
    "async () => { while (!globalThis.told) await new Promise((resolve) => setTimeout(resolve, 1)); return (" +
    `${codeOfEach})(); }`;
  const plugin = openPlugin(t, { wait, late, good: "() => 1" }, { isolation });
  await plugin.run("good");
  const { uses, capabilities } = recorder();
  const waiting = plugin.fail("wait", { capabilities, deadlineMs: 100 });
  assert.equal((await waiting).code, "plugin-deadline-exceeded");
  assert.deepEqual(await plugin.run("late"), Array(4).fill("call-ended"));
  assert.deepEqual(uses, []);
});

testInEach("what a call uses of another's, that still runs, is that one's use", async (t, isolation) => {
  const hold = "async ({ storage, ask }) => { globalThis.kept = storage; await ask('hold'); return 1; }";
  const borrow = `async ({ storage }) => {
    const before = await kept.get("borrowed").then(() => "answered", (error) => error.code);
    await storage.get("own");
    return before;
  }`;
  const plugin = openPlugin(t, { hold, borrow }, { isolation });
  const { uses, capabilities } = recorder();
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<null>();
  const ask: Capability = () => {
    held.resolve();
    return release.promise;
  };
  const holding = plugin.run("hold", { callId: "call_1", capabilities: { ...capabilities, ask } });
  await held.promise;
  assert.equal(await plugin.run("borrow", { callId: "call_2", capabilities }), "answered");
  assert.deepEqual(uses, [
    { callId: "call_1", argument: ["borrowed"] },
    { callId: "call_2", argument: ["own"] },
  ]);
  release.resolve(null);
  await holding;
  assert.equal(await plugin.run("borrow", { callId: "call_3", capabilities }), "call-ended");
});

testInEach("another tenant's call finds nothing that was kept", async (t, isolation) => {
  const plugin = openPlugin(t, { keep, look: "() => typeof globalThis.kept" }, { isolation });
  await plugin.run("keep", { tenantId: "tnt_1", capabilities: recorder().capabilities });
  assert.equal(await plugin.run("look", { tenantId: "tnt_2" }), "undefined");
});

testInEach("a reply that comes when its call is over goes nowhere", async (t, isolation) => {
  const leave = `({ ask }) => {
    ask(1).then((value) => { globalThis.got = value; }, (error) => { globalThis.got = error.code; });
    return 1;
  }`;
  const plugin = openPlugin(t, { leave, got: "() => globalThis.got" }, { isolation });
  const answer = Promise.withResolvers<Payload>();
  const asked = Promise.withResolvers<AbortSignal>();
  const ask: Capability = (_, { signal }) => {
    asked.resolve(signal);
    return answer.promise;
  };
  await plugin.run("leave", { capabilities: { ask } });
  assert.equal((await asked.promise).aborted, true, "the capability is told");
  answer.resolve("late");
  assert.equal(await plugin.run("got"), "call-ended");
});
