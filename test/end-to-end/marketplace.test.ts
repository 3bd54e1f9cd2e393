/** A tenant looks around: the registry's search through the host, marked with what the tenant has. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

test("a tenant narrows the marketplace down, sees how many there are of what, and what it has", async (t) => {
  const host = await startTestHost(t);
  const publisher = await registerPublisher(host.address, "acme");
  const actions = { echo: { run: "return input;" } };
  const links = { homepage: "https://acme.example" };
  const categories = { "acme/till": ["tills"], "acme/scale": ["tills", "scales"] };
  for (const [id, listed] of Object.entries(categories)) {
    await publishTestPlugin(host.address, publisher, {
      id,
      actions,
      manifest: { categories: listed, links },
    });
  }
  const tenant = await host.tenant();
  const { installId } = await connect(tenant, "acme/till");

  const { body } = await tenant.api.get(
    "/api/v1/marketplace/plugins?category=tills&category=none&facets=true&sort=installs&deprecated=true",
  );

  assert.deepEqual(
    body.items.map((item: { id: string; installs: number; installed: { id: string } | null }) => [
      item.id,
      item.installs,
      item.installed?.id ?? null,
    ]),
    [
      ["acme/till", 1, installId],
      ["acme/scale", 0, null],
    ],
  );
  assert.equal(body.total, 2);
  assert.deepEqual(
    body.facets.category.find(({ value }: { value: string }) => value === "scales"),
    { value: "scales", count: 1 },
  );
  const listing = (await tenant.api.get("/api/v1/marketplace/plugins/acme/till")).body;
  assert.deepEqual(listing.links, links);
  assert.deepEqual([listing.installs, listing.statistics.installsTotal], [1, 1]);
  for (const wrong of ["sort=best", "pricing=gold", "category=%27", "hostVersion=any", "colour=red"]) {
    assert.equal((await tenant.api.get(`/api/v1/marketplace/plugins?${wrong}`)).status, 422, wrong);
  }
});
