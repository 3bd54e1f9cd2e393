/** What hosts are told of newer versions, of all their installs of a plugin at once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import type { OrderAction } from "@plugboard/plugin-sdk/trust";
import type { UpdateCheck } from "@plugboard/registry/client";
import { sql } from "kysely";
import type { RegistryTables } from "../tables.ts";
import { consentToReads, publishEcho, reads, writes } from "./support/echo.ts";
import { orderOf } from "./support/orders.ts";
import { refused } from "./support/refused.ts";
import { startRegistry, tenant } from "./support/registry.ts";

const plugin = "acme/echo";
type Asked = UpdateCheck["installs"][number];

test("a host is told what its installs may move to, by version, host, policy and price", async (t) => {
  let now = new Date();
  const { client, database, url } = await startRegistry(t, { now: () => now });
  const db = database.kysely<RegistryTables>("registry");
  const acme = await publishEcho(client, { "1.0.0": reads });
  const install = (tenantId: string) =>
    client.createInstall(tenantId, { plugin, range: "1.0.0", consent: consentToReads });
  const mine = await install(tenant);
  const theirs = await install("tnt_b");
  const publish = async (version: string, manifest: object = {}) => {
    const { status } = await acme.publish({
      name: "echo",
      version,
      manifest: { permissions: reads, ...manifest },
    });
    assert.equal(status, "published");
  };
  const ask = (installs: Partial<Asked>[], hostVersion = "1.0.0") =>
    client.checkUpdates({
      plugin,
      hostVersion,
      installs: installs.map((one) => ({ id: mine.id, tenantId: tenant, channel: "patch", ...one })),
    });
  /** Of the one install: what comes by itself, and what is shown. */
  const told = async (one: Partial<Asked> = {}, hostVersion?: string) => {
    const [answer] = await ask([one], hostVersion);
    const { update } = answer ?? {};
    return [answer?.automatic, update && [update.version, update.reason, ...update.needs]];
  };
  const policy = {
    allow: null,
    deny: [],
    verifiedOnly: false,
    maxPermissions: null,
    approvalRequired: false,
    coolDownHours: 0,
  };
  const setPolicy = (change: object) =>
    client.setPolicy(tenant, { policy: { ...policy, ...change }, changedBy: "usr_1" });

  assert.deepEqual(await told(), [null, null]);

  await t.test("as far as the channel leads; the rest is shown", async () => {
    await publish("1.0.1");
    await publish("1.1.0");
    assert.deepEqual(await told(), ["1.0.1", ["1.1.0", "outside-channel"]]);
    assert.deepEqual(await told({ channel: "minor" }), ["1.1.0", ["1.1.0", "scheduled"]]);
    assert.deepEqual(await told({ channel: "pinned" }), [null, ["1.1.0", "outside-channel"]]);
    assert.deepEqual(await told({ above: "1.0.1" }), [null, ["1.0.1", "held-back"]]);
    await refused(ask([{ above: "whatever" }]), 422, "invalid-request");
  });

  await t.test("what asks for more, or costs, waits for somebody, and what lies below it comes", async () => {
    await publish("1.0.2", { permissions: writes });
    const [answer] = await ask([{}]);
    assert.equal(answer?.automatic, "1.0.1");
    const { update } = answer;
    assert.deepEqual([update?.version, update?.needs], ["1.0.2", ["consent"]]);
    assert.equal(update?.consent, consentDigest({ id: plugin, permissions: writes }));
    assert.deepEqual(
      update?.added.map(({ value }) => value),
      ["POST api.example.com"],
    );
    const price = { amount: 100, currency: "EUR" };
    await publish("1.0.3", { pricing: { model: "one-time", price } });
    assert.deepEqual(await told(), ["1.0.1", ["1.0.3", "decision-needed", "payment"]]);
  });

  await t.test(
    "what does not run on the host, is withdrawn, deprecated or blocked is not offered",
    async () => {
      await publish("3.0.0", { engines: { plugboard: "^1.5.0" } });
      assert.deepEqual(await told({ channel: "latest" }), ["1.1.0", ["1.1.0", "scheduled"]]);
      assert.deepEqual(await told({ channel: "latest" }, "1.6.0"), ["3.0.0", ["3.0.0", "scheduled"]]);
      const order = async (action: OrderAction) =>
        client.carryOutOrder("acme", await orderOf("acme", acme.key, action));
      await order({ type: "yank", plugin, version: "1.0.3" });
      await order({ type: "deprecate", plugin, version: "1.0.2", message: "Old." });
      assert.deepEqual(await told(), ["1.0.1", ["1.1.0", "outside-channel"]]);
      await client.blockVersion(plugin, "1.0.1", "It steals.");
      assert.deepEqual(await told(), [null, ["1.1.0", "outside-channel"]]);

      await order({ type: "yank", plugin, version: "1.0.0" });
      const [answer] = await ask([{}]);
      assert.deepEqual(
        answer?.notices.map(({ kind }) => kind),
        ["yanked"],
      );
      await client.unblockVersion(plugin, "1.0.1");
    },
  );

  await t.test("what the tenant's policy refuses is not there for it, until it is old enough", async () => {
    await setPolicy({ coolDownHours: 2 });
    assert.deepEqual(await told(), [null, null]);
    const both = await ask([{}, { id: theirs.id, tenantId: "tnt_b" }]);
    assert.deepEqual(
      both.map(({ automatic }) => automatic).sort(),
      ["1.0.1", null],
      "another tenant's is its own",
    );
    now = new Date(now.getTime() + 2 * 3_600_000);
    assert.equal((await told())[0], "1.0.1");

    await setPolicy({ approvalRequired: true });
    assert.deepEqual(await told(), [null, ["1.0.1", "decision-needed", "approval"]]);
    const wish = { plugin, range: "1.0.1", reason: "It is fine.", requestedBy: "usr_1" };
    const { id } = await client.requestApproval(tenant, wish);
    await client.decideApproval(tenant, id, { decision: "approve", reason: "Yes.", decidedBy: "usr_2" });
    assert.equal((await told())[0], "1.0.1");
  });

  await t.test(
    "nobody learns of another tenant's install, or of a plugin that is another's alone",
    async () => {
      assert.deepEqual(await ask([{ id: theirs.id }]), []);
      await sql`update registry.listings set tenant_id = 'tnt_b' where plugin = ${plugin}`.execute(db);
      assert.deepEqual(await told(), [null, null]);
      assert.equal((await ask([{ id: theirs.id, tenantId: "tnt_b" }]))[0]?.automatic, "1.0.1");
      const answer = await fetch(`${url}/registry/v1/update-checks`, { method: "POST", body: "{}" });
      assert.equal(answer.status, 401);
    },
  );
});
