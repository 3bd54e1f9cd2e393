/** A call belongs to one version from its admission to its end: it neither slips past a swap nor writes behind it. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import { gatePermission, startGate, waitAtGate } from "../support/gate.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher, type TestHook } from "../support/plugin.ts";
import { installed, plugin, sayVersion } from "../support/versions.ts";

const storage = { storage: { maxBytes: 10_000, reason: "To remember." } };
const read = { get: { run: "return await storage.get(input.key) ?? null;" } };

/** Versions that store, with an action that writes the form of its version once the gate opens. */
async function startWithWriters(t: TestContext, hooks: Record<string, Record<string, TestHook>>) {
  const gate = await startGate(t);
  const host = await startTestHost(t, {
    isolation: "thread",
    egressRewrite: gate.rewrite,
    sandboxLimits: { drainMs: 60_000 },
  });
  const publisher = await registerPublisher(host.address, "acme");
  for (const [version, ofVersion] of Object.entries(hooks)) {
    const form = JSON.stringify(`form of ${version}`);
    const actions = {
      ...sayVersion(version),
      ...read,
      set: { run: `await storage.set("form", ${form}); return "stored";` },
      "set-late": { run: `${waitAtGate} await storage.set("form", ${form}); return "stored";` },
      "delete-late": { run: `${waitAtGate} await storage.delete("form"); return "deleted";` },
    };
    const permissions = { ...storage, ...gatePermission };
    await publishTestPlugin(host.address, publisher, {
      id: plugin,
      version,
      actions,
      permissions,
      hooks: ofVersion,
    });
  }
  return { gate, host };
}

test("a call of the old version writes nothing once an upgrade hook has had its say", async (t) => {
  const upgrade = "await storage.set('form', 'form of ' + input.to);";
  const { gate, host } = await startWithWriters(t, { "1.0.0": {}, "2.0.0": { upgrade } });
  const mine = await installed(host, await host.tenant(), "1.0.0");
  await mine.outcome("set");
  const late = ["set-late", "delete-late"].map((action) => mine.call(action));
  await gate.reached(2);
  assert.equal((await mine.moveTo("2.0.0")).status, 200);
  gate.open();

  for (const { status, body } of await Promise.all(late)) {
    assert.deepEqual([status, body.code], [503, "plugin-replaced"], JSON.stringify(body));
    assert.equal(body.reason, "storage-version-changed");
  }
  assert.equal(await mine.outcome("get", { key: "form" }), "form of 2.0.0");
  assert.equal(await mine.outcome("set-late"), "stored", "calls of the version that is in force write");
  assert.equal((await mine.rollBack()).status, 200);
  assert.equal(await mine.outcome("get", { key: "form" }), "form of 1.0.0");
  assert.equal(await mine.outcome("set-late"), "stored", "and so do those of the one that came back");
});

test("between versions without an upgrade hook the form is the same, and no call is refused", async (t) => {
  const { gate, host } = await startWithWriters(t, { "1.0.0": {}, "2.0.0": {} });
  const mine = await installed(host, await host.tenant(), "1.0.0");
  const late = mine.outcome("set-late");
  await gate.reached(1);
  assert.equal((await mine.moveTo("2.0.0")).status, 200);
  gate.open();
  assert.equal(await late, "stored");
  assert.equal(await mine.outcome("get", { key: "form" }), "form of 1.0.0");
});

test("a call that stands in another plugin's hook at the swap has the drain time, and no longer", async (t) => {
  const host = await startTestHost(t, { isolation: "thread", sandboxLimits: { drainMs: 100 } });
  const publisher = await registerPublisher(host.address, "acme");
  for (const version of ["1.0.0", "2.0.0"])
    await publishTestPlugin(host.address, publisher, { id: plugin, version, actions: sayVersion(version) });
  await publishTestPlugin(host.address, publisher, {
    id: "acme/slow",
    actions: read,
    hooks: {
      "action.beforeRun": `
        if (await storage.get("seen")) return null;
        await storage.set("seen", true);
        await new Promise(() => {});`,
    },
    permissions: { ...storage, hooks: { names: ["action.beforeRun"], reason: "To be slow." } },
  });
  // Both versions run already: a hook has two seconds, in which the swap must have come.
  const another = await installed(host, await host.tenant(), "2.0.0");
  assert.equal(await another.outcome("version"), "2.0.0");

  /** For a tenant of its own. */
  async function swapUnderCall() {
    const tenant = await host.tenant();
    const mine = await installed(host, tenant, "1.0.0");
    assert.equal(await mine.outcome("version"), "1.0.0");
    const { connectionId, installId } = await connect(tenant, "acme/slow");
    const path = `/api/v1/connections/${connectionId}/actions/get`;
    const seen = async () => (await tenant.api.post(path, { input: { key: "seen" } })).body.output;
    await seen();

    let isOver = false;
    const standing = mine.call("version").finally(() => {
      isOver = true;
    });
    while (!isOver && (await seen()) !== true);
    assert.equal((await mine.moveTo("2.0.0")).status, 200);
    const { status, body } = await standing;
    const lines = host.logged().split("\n");
    const isTooLate = lines.some((line) => line.includes(installId) && /plugin-deadline-exceeded/.test(line));
    return { mine, status, body, isTooLate };
  }

  // On a busy machine the hook's own time may be over first: then it is skipped, and nothing stood there at the swap.
  let swapped = await swapUnderCall();
  for (let tries = 1; swapped.isTooLate && tries < 5; tries++) swapped = await swapUnderCall();
  const { mine, status, body } = swapped;
  assert.deepEqual([status, body.code], [503, "plugin-replaced"], JSON.stringify(body));
  assert.equal(await mine.outcome("version"), "2.0.0");
});
