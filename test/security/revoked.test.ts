/** What was taken away is away at once, also for a call that began before. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import { gateHost, startGate, waitAtGate } from "../support/gate.ts";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

/** A plugin whose action waits for the test, and then goes to the vendor. */
async function startWaiting(t: TestContext, isolation: "thread" | "process") {
  const keys: (string | undefined)[] = [];
  const vendor = createServer((request, response) => {
    keys.push(request.headers.authorization);
    response.end("loot");
  });
  await new Promise<void>((resolve) => vendor.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    vendor.close();
    vendor.closeAllConnections();
  });
  const gate = await startGate(t);
  const origin = `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`;
  const host = await startTestHost(t, {
    isolation,
    egressRewrite: { ...gate.rewrite, "api.vendor.example": origin },
  });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/late",
    actions: {
      late: { run: `${waitAtGate} return await (await fetch("https://api.vendor.example/")).text();` },
    },
    permissions: {
      network: [{ hosts: [gateHost, "api.vendor.example"], methods: ["GET"], reason: "Call the vendor" }],
    },
  });
  const tenant = await host.tenant();
  const { installId, connectionId } = await connect(tenant, "acme/late", { key: "first-key-0123456789" });
  return {
    keys,
    connection: `/api/v1/connections/${connectionId}`,
    install: `/api/v1/installs/${installId}`,
    api: tenant.api,
    /** Calls, does `work` while the call waits, and lets it go on. */
    async callWhile(work: () => Promise<{ status: number }>) {
      const answer = tenant.api.post(`/api/v1/connections/${connectionId}/actions/late`, { input: {} });
      await gate.reached(1);
      assert.ok((await work()).status < 300);
      gate.open();
      return answer;
    },
  };
}

for (const isolation of ["thread", "process"] as const) {
  const revocations: [
    string,
    (scene: Awaited<ReturnType<typeof startWaiting>>) => Promise<{ status: number }>,
  ][] = [
    ["switched off", ({ api, connection }) => api.patch(connection, { status: "inactive" })],
    ["removed", ({ api, connection }) => api.delete(connection)],
    ["of an install that was disabled", ({ api, install }) => api.patch(install, { status: "disabled" })],
  ];
  for (const [what, revoke] of revocations) {
    test(`a call in flight sends nothing more over a connection that was ${what} (${isolation})`, async (t) => {
      const scene = await startWaiting(t, isolation);
      const answer = await scene.callWhile(() => revoke(scene));
      assert.equal(answer.body.code, "connection-inactive", JSON.stringify(answer.body));
      assert.deepEqual(scene.keys, []);
    });
  }

  test(`a call in flight goes on with the credential that was put in another's place (${isolation})`, async (t) => {
    const scene = await startWaiting(t, isolation);
    const auth = { type: "apiKey", key: "second-key-0123456789" };
    const answer = await scene.callWhile(() => scene.api.patch(scene.connection, { auth }));
    assert.equal(answer.body.output, "loot", JSON.stringify(answer.body));
    assert.deepEqual(scene.keys, ["Bearer second-key-0123456789"]);
  });
}
