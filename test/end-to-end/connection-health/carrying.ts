/** Configuration is carried elsewhere. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import type { Shop } from "./shop.ts";

export async function carrying(t: TestContext, shop: Shop): Promise<void> {
  const { host, tenant, install, create } = shop;

  await t.test("connections are found by what they are, and how they stand", async () => {
    const id = await create();
    const found = async (query: string, { api } = tenant) =>
      ((await api.get(`/api/v1/connections?limit=100&${query}`)).body.items as { id: string }[]).some(
        (one) => one.id === id,
      );
    assert.deepEqual((await tenant.api.get(`/api/v1/connections/${id}`)).body.categories, ["commerce"]);
    const stranger = await host.tenant();
    await install(stranger);
    for (const query of ["category=commerce", "plugin=acme/shop", "status=active"]) {
      assert.ok(await found(query), query);
      assert.ok(!(await found(query, stranger)), query);
    }
    assert.ok(await found("category=commerce&plugin=acme/shop&status=active"));
    for (const query of [
      "category=crm",
      "plugin=acme/other",
      "status=error",
      "category=commerce&status=error",
    ])
      assert.ok(!(await found(query)), query);
    const { body } = await tenant.api.get("/api/v1/installs");
    assert.deepEqual(body.items[0].categories, ["commerce"]);
  });

  await t.test("configuration goes from tenant to tenant without the credential", async () => {
    const id = await create();
    const requests = { limits: [{ type: "fixed-window", requests: 5, seconds: 60 }] };
    await tenant.api.patch(`/api/v1/connections/${id}`, { requests });
    const exported = await tenant.api.get(`/api/v1/connections/${id}/export`);
    assert.deepEqual(exported.body, {
      format: "plugboard-connection-1",
      plugin: "acme/shop",
      name: "A shop",
      config: { site: "main" },
      requests,
      auth: { type: "bearer" },
    });
    const other = await host.tenant();
    const refused = await other.api.post("/api/v1/connections/import", { connection: exported.body });
    assert.equal(refused.body.code, "install-not-found");
    await install(other);
    const imported = await other.api.post("/api/v1/connections/import", { connection: exported.body });
    assert.deepEqual(
      [imported.status, imported.body.status, imported.body.config, imported.body.requests],
      [201, "configuring", { site: "main" }, requests],
    );
    const path = `/api/v1/connections/${imported.body.id}`;
    assert.equal(
      (await other.api.patch(path, { status: "active" })).body.code,
      "connection-has-no-credential",
    );
    assert.equal((await other.api.post(`${path}/test`)).body.code, "connection-has-no-credential");
    const given = await other.api.patch(path, { auth: { type: "bearer", token: "another-0123456789" } });
    assert.equal(given.body.status, "active");
    const shared = { limits: [{ ...requests.limits[0], per: "plugin" }] };
    for (const bad of [{ config: { site: "evil" } }, { requests: shared }]) {
      const connection = { ...exported.body, ...bad };
      const { body } = await other.api.post("/api/v1/connections/import", { connection });
      assert.equal(body.code, "connection-config-invalid", JSON.stringify(bad));
    }
    const clone = await tenant.api.post(`/api/v1/connections/${id}/clone`, {
      name: "Two",
      config: { site: "other" },
    });
    assert.deepEqual(
      [clone.body.name, clone.body.status, clone.body.config, clone.body.requests],
      ["Two", "configuring", { site: "other" }, requests],
    );
    const unpaced = await tenant.api.post(`/api/v1/connections/${id}/clone`, { name: "3", requests: null });
    assert.equal(unpaced.body.requests, null);
  });
}
