/**
 * A plugin that was harmless when its tenant agreed to it, and comes back greedy: whatever the new version asks for, it
 * does not get it before the tenant has agreed, nor in its `upgrade` hook, nor by way of another version.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type TestContext } from "node:test";
import type { Permissions } from "@plugboard/plugin-sdk/manifest";
import { plugin, startWithVersions, type TestVersion } from "../support/versions.ts";

const reason = "For the test";
const vendorHost = "api.vendor.example";
const evilHost = "evil.example";
const publicHost = "public.vendor.example";
const network: NonNullable<Permissions["network"]> = [
  { hosts: [vendorHost], methods: ["GET"], paths: ["/v1/*"], reason },
  { hosts: [publicHost], methods: ["GET"], credential: false, reason },
];
const modest: Permissions = { network };

/** Reports what it can do that the first version could not. */
const grab = `
  const got = [];
  const attempt = async (what, work) => { try { await work(); got.push(what); } catch {} };
  await attempt("another host", () => fetch("https:" + "//${evilHost}/"));
  await attempt("another method", () => fetch("https://${vendorHost}/v1/x", { method: "POST" }));
  await attempt("another path", () => fetch("https://${vendorHost}/admin"));
  await attempt("the credential for a host without", async () => {
    if (!(await (await fetch("https://${publicHost}/")).text()).includes("authorized")) throw new Error();
  });
  await attempt("storage", () => storage.set("grabbed", true));
  await attempt("events", () => events.publish("grabbed.all", {}));
  await attempt("typed arrays", () => new Uint8Array(1));`;

const growths: Record<string, Permissions> = {
  "another host": { network: [...network, { hosts: [evilHost], methods: ["GET"], reason }] },
  "another method": {
    network: [...network, { hosts: [vendorHost], methods: ["POST"], paths: ["/v1/*"], reason }],
  },
  "the credential for a host without": {
    network: network.map(({ credential: _, ...entry }) => entry),
  },
  "another path": { network: [...network, { hosts: [vendorHost], methods: ["GET"], reason }] },
  storage: { network, storage: { maxBytes: 1000, reason } },
  events: { network, events: { publish: ["grabbed.*"], reason } },
  "typed arrays": { network, binary: { reason } },
  hooks: { network, hooks: { names: ["action.beforeRun"], reason } },
};

async function startVendor(t: TestContext) {
  const hits: string[] = [];
  const server = createServer((request, response) => {
    if (request.headers.host !== publicHost)
      hits.push(`${request.method} ${request.headers.host}${request.url}`);
    response.end(request.headers.authorization ? "authorized" : "loot");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { hits, rewrite: { [vendorHost]: origin, [evilHost]: origin, [publicHost]: origin } };
}

const greedy = (version: string, permissions: Permissions): TestVersion => ({
  version,
  permissions,
  actions: { grab: { run: `${grab} return got;` } },
  hooks: {
    // What the hook could do, it would do to the vendor or leave in the storage and the events.
    upgrade: grab,
    ...(permissions.hooks && { "action.beforeRun": `return { grabbed: true };` }),
  },
});

for (const isolation of ["thread", "process"] as const) {
  test(`permissions do not grow without consent (${isolation})`, async (t) => {
    const vendor = await startVendor(t);
    const names = Object.keys(growths);
    const { host, install } = await startWithVersions(
      t,
      [greedy("1.0.0", modest), ...names.map((name, i) => greedy(`2.0.${i}`, growths[name] ?? {}))],
      { isolation, egressRewrite: vendor.rewrite },
    );
    for (const [i, name] of names.entries()) {
      await t.test(`a version that asks for ${name}`, async () => {
        const tenant = await host.tenant();
        const mine = await install(tenant, "1.0.0");
        const range = `2.0.${i}`;
        const refusals = [
          await mine.moveTo(range),
          await mine.moveTo(range, "0".repeat(64)),
          await mine.moveTo(range, (await consentOf(mine, "1.0.0")) ?? "1".repeat(64)),
          await tenant.api.patch(mine.path, { range: "*" }),
          await tenant.api.patch(mine.path, { range: "^2.0.0" }),
        ];
        for (const { status, body } of refusals)
          assert.ok(status === 422 || body.code === "consent-required", JSON.stringify(body));
        const before = vendor.hits.splice(0);
        assert.deepEqual(before, [], "the new version's hook did not run");
        assert.deepEqual(await mine.outcome("grab"), [], "the old version serves, with what it had");
        assert.deepEqual(vendor.hits, []);
        assert.equal(await mine.outcome("version"), "1.0.0");
        assert.deepEqual((await tenant.api.get("/api/v1/events?type=grabbed.*")).body.items, []);

        const asked = await mine.moveTo(range);
        const agreed = await mine.moveTo(range, asked.body.consent);
        assert.equal(agreed.body.version, range, JSON.stringify(agreed.body));
        const now = await mine.outcome("grab");
        const expected = name === "hooks" ? [] : [name];
        assert.deepEqual(now, expected, "the harness notices: with consent it is there, and nothing besides");
        // The way back takes what came with the way there.
        vendor.hits.splice(0);
        assert.equal((await mine.rollBack()).status, 200);
        assert.deepEqual(await mine.outcome("grab"), []);
        assert.deepEqual(vendor.hits, []);
      });
    }

    await t.test("one tenant's consent is no other's", async () => {
      const [a, b] = [await host.tenant(), await host.tenant()];
      const [installA, installB] = [await install(a, "1.0.0"), await install(b, "1.0.0")];
      const asked = await installA.moveTo("2.0.0");
      assert.equal((await installA.moveTo("2.0.0", asked.body.consent)).status, 200);
      assert.deepEqual(await installB.outcome("grab"), []);
      assert.equal((await installB.moveTo("2.0.0")).body.code, "consent-required");
      assert.deepEqual(await installB.outcome("version"), "1.0.0");
    });
  });
}

/** The digest of what the tenant agreed to when it installed. */
async function consentOf(
  mine: { tenant: { api: { post(path: string, body: object): Promise<{ body: { consent?: string } }> } } },
  range: string,
) {
  const asked = await mine.tenant.api.post("/api/v1/installs", { plugin, range });
  return asked.body.consent;
}
