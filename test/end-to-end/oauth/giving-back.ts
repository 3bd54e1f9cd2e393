/** What becomes of the tokens of connections that are deleted. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { untilSomebodyWaits } from "../../support/locks.ts";
import {
  code,
  connected,
  create,
  installCrm,
  me,
  putClient,
  registeredClient,
  robotKey,
} from "../../support/oauth-scene.ts";
import { vendorClient } from "../../support/oauth-vendor.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function givingBack(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, host, db, beside } = scene;

  /** Until nothing waits to be given back. */
  async function allGivenBack(): Promise<void> {
    while ((await db.query("select from core.token_revocations")).rowCount !== 0)
      await new Promise((next) => setTimeout(next, 20));
  }

  for (const auth of [
    code,
    { type: "oauth2", grant: "client_credentials" },
    { type: "oauth2", grant: "client_credentials", client: vendorClient },
    { type: "oauth2", grant: "jwt_bearer", subject: "robot@vendor.example", privateKey: robotKey },
  ]) {
    const whose = "client" in auth ? "the tenant's client" : "the operator's client";
    await t.test(`deleted, the vendor is given back its tokens: ${auth.grant}, ${whose}`, async () => {
      const isOfPerson = auth.grant === "authorization_code";
      const id = isOfPerson ? await connected(scene) : await create(scene, auth);
      const { token } = (await me(tenant, id)).body.output;
      assert.notEqual(token, "", "the plugin sees that there was one, and not which");
      const sent = vendor.called.at(-1) ?? "";
      assert.ok(await vendor.knows(sent), "it is good until then");
      vendor.revoked.length = 0;
      assert.equal((await tenant.api.delete(`/api/v1/connections/${id}`)).status, 204);
      await allGivenBack();
      assert.equal(vendor.revoked.length, isOfPerson ? 2 : 1);
      assert.equal(vendor.revoked.at(-1), sent);
      for (const revoked of vendor.revoked) assert.ok(vendor.secrets.has(revoked));
      assert.ok(!(await vendor.knows(sent)), "the vendor takes it no more");
    });
  }

  await t.test("a tenant that is erased has its tokens given back too", async () => {
    const leaving = await host.tenant();
    const theirs = { ...scene, tenant: leaving, installId: await installCrm(leaving) };
    await me(leaving, await connected(theirs));
    const sent = vendor.called.at(-1) ?? "";
    assert.ok(await vendor.knows(sent));
    assert.equal((await host.admin.delete(`/api/v1/tenants/${leaving.id}`)).status, 202);
    for (let status = 200; status !== 404; )
      ({ status } = await host.admin.get(`/api/v1/tenants/${leaving.id}`));
    assert.ok(!(await vendor.knows(sent)));
  });

  await t.test("what is given back goes by the operator's client as it is by then", async () => {
    const id = await connected(scene);
    vendor.revoked.length = 0;
    await db.query("begin");
    await db.query("lock table core.oauth_clients in access exclusive mode");
    assert.equal((await tenant.api.delete(`/api/v1/connections/${id}`)).status, 204);
    await untilSomebodyWaits(db);
    await db.query("delete from core.oauth_clients");
    await db.query("commit");
    await allGivenBack();
    assert.deepEqual(vendor.revoked, []);
    await putClient(host, registeredClient);
  });

  await t.test("connections that are deleted all at once do not wait for one another", async () => {
    // More than a host has lines to its database; and this one has nothing of them in memory yet.
    const robots = Array.from({ length: 20 }, () =>
      create(scene, { type: "oauth2", grant: "client_credentials" }),
    );
    const ids = await Promise.all(robots);
    for (const id of ids) assert.equal((await me(tenant, id)).body.output.status, 200);
    const gone = await Promise.all(
      ids.map((id) =>
        fetch(`${beside.address}/api/v1/connections/${id}`, {
          method: "DELETE",
          headers: { authorization: `Bearer ${tenant.key}` },
        }),
      ),
    );
    assert.deepEqual(
      gone.map(({ status }) => status),
      ids.map(() => 204),
    );
  });
}
