/** Grants that need nobody, and whose application asks for them. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { exportPKCS8, generateKeyPair } from "jose";
import {
  code,
  connected,
  create,
  me,
  putClient,
  registeredClient,
  robotKey,
  statusOf,
} from "../../support/oauth-scene.ts";
import { vendorClient } from "../../support/oauth-vendor.ts";
import type { OAuthHosts } from "./hosts.ts";

export async function robots(t: TestContext, scene: OAuthHosts): Promise<void> {
  const { vendor, tenant, host } = scene;

  await t.test("grants that need nobody work at once, and are renewed the same way", async () => {
    for (const auth of [
      { type: "oauth2", grant: "client_credentials" },
      { type: "oauth2", grant: "client_credentials", client: vendorClient },
      { type: "oauth2", grant: "jwt_bearer", subject: "robot@vendor.example", privateKey: robotKey },
    ]) {
      const id = await create(scene, auth);
      assert.equal((await me(tenant, id)).body.output?.status, 200, auth.grant);
      vendor.asked.length = 0;
      vendor.endAccessTokens();
      assert.equal((await me(tenant, id)).body.output.status, 200);
      assert.deepEqual(vendor.asked, [auth.grant.replace("jwt_bearer", "jwt-bearer")]);
    }
  });

  await t.test("a key that the vendor does not know connects nothing", async () => {
    const { privateKey: strange } = await generateKeyPair("RS256", { extractable: true });
    const auth = {
      type: "oauth2",
      grant: "jwt_bearer",
      subject: "robot@vendor.example",
      privateKey: await exportPKCS8(strange),
    };
    const id = await create(scene, auth);
    assert.equal((await me(tenant, id)).body.code, "connection-inactive");
    assert.deepEqual(await statusOf(scene, id), ["error", "credential-refused"]);
    const noKey = await tenant.api.post("/api/v1/connections", {
      installId: scene.installId,
      name: "x",
      auth: { type: "oauth2", grant: "jwt_bearer" },
    });
    assert.equal(noKey.body.code, "credential-invalid");
  });

  await t.test("the operator's secret goes to the place that the operator named, and no other", async () => {
    const elsewhere = { ...vendorClient, tokenUrl: "https://auth.other.example/token" };
    await putClient(host, elsewhere);
    const id = await create(scene, { type: "oauth2", grant: "client_credentials" });
    vendor.asked.length = 0;
    assert.equal((await me(tenant, id)).body.code, "egress-refused");
    const begun = await tenant.api.post(`/api/v1/connections/${await create(scene, code)}/authorize`, {});
    assert.equal(begun.body.code, "oauth-client-mismatch");
    assert.deepEqual(vendor.asked, []);
    await putClient(host, registeredClient);
    assert.equal((await me(tenant, id)).body.output.status, 200);
    const { body } = await host.admin.get("/api/v1/oauth-clients");
    assert.equal(body.items[0].hasSecret, true);
    assert.ok(!JSON.stringify(body).includes(vendorClient.clientSecret));
  });

  await t.test(
    "the operator's application is for people's accounts, unless the operator says more",
    async () => {
      const { grants: _, ...client } = registeredClient;
      assert.deepEqual((await putClient(host, client)).body.grants, ["authorization_code"]);
      const robot = await create(scene, { type: "oauth2", grant: "client_credentials" });
      const jwt = { type: "oauth2", grant: "jwt_bearer", subject: "robot@vendor.example" };
      const other = await create(scene, { ...jwt, privateKey: robotKey });
      vendor.asked.length = 0;
      for (const id of [robot, other]) assert.equal((await me(tenant, id)).body.code, "egress-refused");
      assert.deepEqual(vendor.asked, []);
      assert.equal((await me(tenant, await connected(scene))).body.output.status, 200);
      assert.equal((await putClient(host, { ...client, grants: [] })).status, 422);
      assert.equal((await putClient(host, { ...client, grants: ["password"] })).status, 422);
      await putClient(host, registeredClient);
      assert.equal((await me(tenant, robot)).body.output.status, 200);
    },
  );
}
