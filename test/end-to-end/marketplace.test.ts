/** A tenant looks around: the registry's search through the host, marked with what the tenant has. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

test("a tenant narrows the marketplace down, sees how many there are of what, and what it has", async (t) => {
  const host = await startTestHost(t, { isolation: "thread" });
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

  const picture = Buffer.from("RIFF\x1a\0\0\0WEBPVP8 ", "latin1");
  const readme = "# Till\n<script>alert(1)</script>\n";
  await publishTestPlugin(host.address, publisher, {
    id: "acme/shown",
    actions,
    manifest: { screenshots: [{ file: "screenshots/a.webp", caption: "At work" }] },
    files: [
      { path: "README.md", content: Buffer.from(readme) },
      { path: "icon.webp", content: picture },
      { path: "screenshots/a.webp", content: picture },
    ],
  });
  const { files, screenshots } = (await tenant.api.get("/api/v1/marketplace/plugins/acme/shown")).body;
  const page = "/api/v1/marketplace/plugins/acme/shown/1.0.0";
  const paths = [...files, ...screenshots].map(({ url }: { url: string }) => url);
  assert.deepEqual(paths.sort(), [`${page}/icon`, `${page}/readme`, `${page}/screenshots/1`]);
  for (const path of paths) {
    const answer = await fetch(host.address + path, { headers: { authorization: `Bearer ${tenant.key}` } });
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get("content-security-policy"), "default-src 'none'; sandbox");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("cache-control"), "private, max-age=31536000, immutable");
    const isText = path.endsWith("readme");
    assert.equal(answer.headers.get("content-type"), isText ? "text/markdown; charset=utf-8" : "image/webp");
    assert.equal(await answer.text(), isText ? readme : picture.toString());
  }
  for (const none of ["changelog", "screenshots/2", "../1.0.1/icon"]) {
    const { status, body } = await tenant.api.get(`${page}/${none}`);
    assert.deepEqual([status, body.code], [404, "listing-file-not-found"], none);
  }
  assert.equal((await fetch(`${host.address}${page}/icon`)).status, 401);
});
