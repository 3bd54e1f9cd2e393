import assert from "node:assert/strict";
import { test } from "node:test";
import { sql } from "kysely";
import { createStatisticsRefresh } from "../statistics/index.ts";
import type { RegistryTables } from "../tables.ts";
import { consentToNothing } from "./support/echo.ts";
import { hostToken, registerPublisher, startRegistry } from "./support/registry.ts";

/** The head of a PNG image; no more of it is looked at. */
function png(width: number, height: number): Buffer {
  const head = Buffer.alloc(24);
  Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]).copy(head);
  head.write("IHDR", 12);
  head.writeUInt32BE(width, 16);
  head.writeUInt32BE(height, 20);
  return head;
}

const webp = Buffer.from("RIFF\x1a\0\0\0WEBPVP8 ", "latin1");

test("what a package brings for its page is served as data that nothing runs", async (t) => {
  const { client, url } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const readme = "# Echo\n<script>alert(1)</script>\n";
  const files = [
    { path: "README.md", content: Buffer.from(readme) },
    { path: "icon.png", content: png(64, 64) },
    { path: "screenshots/one.png", content: png(1200, 800) },
    { path: "screenshots/two.webp", content: webp },
    { path: "icon.svg", content: Buffer.from("<svg onload='alert(1)'/>") },
  ];
  const links = { homepage: "https://acme.example/echo", issues: "https://acme.example/issues" };
  const { status, problems } = await acme.publish({
    name: "echo",
    version: "1.0.0",
    files,
    manifest: {
      links,
      screenshots: [
        { file: "screenshots/two.webp", caption: "<b>Customers</b>" },
        { file: "screenshots/one.png", caption: "Orders" },
      ],
    },
  });
  assert.equal(status, "published", JSON.stringify(problems));

  const listing = await client.getPlugin("acme/echo");
  assert.deepEqual(listing.links, links);
  assert.deepEqual(
    listing.files.map(({ kind, mediaType, size }) => [kind, mediaType, size]),
    [
      ["icon", "image/png", 24],
      ["readme", "text/markdown; charset=utf-8", readme.length],
    ],
  );
  assert.deepEqual(
    listing.screenshots.map(({ caption, mediaType }) => [caption, mediaType]),
    [
      ["<b>Customers</b>", "image/webp"],
      ["Orders", "image/png"],
    ],
  );
  const pictures = listing.screenshots.map((one) => ({ kind: "screenshot", ...one }));
  for (const { kind, mediaType, url: path } of [...listing.files, ...pictures]) {
    const answer = await fetch(url + path);
    assert.equal(answer.headers.get("content-type"), mediaType);
    assert.equal(answer.headers.get("content-security-policy"), "default-src 'none'; sandbox");
    assert.equal(answer.headers.get("x-content-type-options"), "nosniff");
    assert.equal(answer.headers.get("cache-control"), "public, max-age=31536000, immutable");
    if (kind === "readme") assert.equal(await answer.text(), readme);
  }
  const third = await fetch(`${url}/registry/v1/plugins/acme/echo/1.0.0/screenshots/3`);
  assert.equal(third.status, 404);
  const none = await fetch(`${url}/registry/v1/plugins/acme/echo/1.0.0/changelog`);
  assert.deepEqual([none.status, ((await none.json()) as { code: string }).code], [404, "file-not-found"]);
});

test("a file that is not what its name says is refused with the package", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const wrong: [string, Buffer, RegExp][] = [
    ["icon.png", Buffer.from("<svg xmlns='http://www.w3.org/2000/svg'/>"), /not a PNG/],
    ["icon.png", png(5000, 10), /5000 by 10 pixels/],
    ["icon.webp", Buffer.from("RIFF....JPEG...."), /not a WebP/],
    ["icon.png", Buffer.concat([png(10, 10), Buffer.alloc(300_000)]), /300024 bytes/],
    ["README.md", Buffer.from([0xc3, 0x28]), /not UTF-8/],
  ];

  const found: string[] = [];
  for (const [path, content] of wrong) {
    const { status, problems } = await acme.publish({
      name: "echo",
      version: "1.0.0",
      files: [{ path, content }],
    });
    assert.equal(status, "rejected", path);
    found.push(problems.map(({ code, message }) => `${code}: ${message}`).join());
  }

  for (const [index, [path, , message]] of wrong.entries()) {
    assert.match(found[index] ?? "", new RegExp(`^listing-file: ${path}`));
    assert.match(found[index] ?? "", message);
  }
});

test("a screenshot has to be there, small enough, and what its name says; any other path is none", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const publish = (file: string, content?: Buffer) =>
    acme.publish({
      name: "echo",
      version: "1.0.0",
      files: content ? [{ path: file, content }] : [],
      manifest: { screenshots: [{ file, caption: "It" }] },
    });
  const wrong: [string, Buffer | undefined, RegExp][] = [
    ["screenshots/one.png", undefined, /not in the package/],
    ["screenshots/one.png", Buffer.from("<svg onload='alert(1)'/>"), /not a PNG/],
    ["screenshots/one.webp", png(10, 10), /not a WebP/],
    ["screenshots/one.png", png(4097, 10), /4097 by 10 pixels/],
    ["screenshots/one.png", Buffer.concat([png(10, 10), Buffer.alloc(1024 * 1024)]), /bytes, of which/],
  ];
  for (const [file, content, message] of wrong) {
    const { status, problems } = await publish(file, content);
    assert.deepEqual([status, problems[0]?.code], ["rejected", "listing-file"], file);
    assert.match(problems[0]?.message ?? "", message);
  }
  for (const file of ["screenshots/../plugin.json", "screenshots/one.svg", "dist/plugin.js", "/etc/passwd"])
    await assert.rejects(publish(file), { code: "manifest-invalid" }, file);
  const screenshots = [{ file: "screenshots/one.png", caption: "Orders\u202e" }];
  const deceptive = acme.publish({ name: "echo", version: "1.0.0", manifest: { screenshots } });
  await assert.rejects(deceptive, { code: "manifest-invalid" });
});

test("a link of a listing leads to https and carries no credentials", async (t) => {
  const { client } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  for (const homepage of ["javascript:alert(1)", "http://acme.example", "https://user@acme.example"]) {
    await assert.rejects(acme.publish({ name: "echo", version: "1.0.0", manifest: { links: { homepage } } }));
  }
});

test("a tenant counts once, a host once a day, and whoever does not say who they are not at all", async (t) => {
  let now = new Date();
  const { client, url } = await startRegistry(t, { now: () => now });
  const acme = await registerPublisher(client, "acme");
  await acme.publish({ name: "echo", version: "1.0.0" });
  const [today = "", tomorrow = ""] = [0, 1].map((days) =>
    new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10),
  );
  now = new Date(`${today}T23:59:00Z`);
  const statistics = async () => {
    const { installs, statistics: counted } = await client.getPlugin("acme/echo");
    return { installs, ...counted };
  };
  const wish = { plugin: "acme/echo", consent: consentToNothing };

  for (let turn = 0; turn < 3; turn++) {
    const { id } = await client.createInstall("tnt_a", wish);
    if (turn < 2) await client.removeInstall("tnt_a", id);
  }
  await client.createInstall("tnt_b", wish);
  const tarball = `${url}/registry/v1/plugins/acme/echo/1.0.0/tarball`;
  for (let turn = 0; turn < 5; turn++) await (await fetch(tarball)).arrayBuffer();
  await (
    await fetch(tarball, { headers: { authorization: "Bearer pbh_somebody-elses-token" } })
  ).arrayBuffer();
  await (
    await fetch(tarball, { method: "HEAD", headers: { authorization: `Bearer ${hostToken}` } })
  ).arrayBuffer();
  const before = await statistics();
  assert.deepEqual([before.installs, before.installsTotal, before.downloads], [2, 2, 0]);

  for (let turn = 0; turn < 3; turn++) await client.getTarball("acme/echo", "1.0.0");
  now = new Date(`${tomorrow}T00:01:00Z`);
  await client.getTarball("acme/echo", "1.0.0");
  await client.getTarball("acme/echo", "1.0.0");

  // Counting does not hold the download up; the last one was begun before this was asked.
  let after = await statistics();
  for (let look = 0; look < 100 && after.downloads < 2; look++) after = await statistics();
  assert.deepEqual(after, {
    installs: 2,
    installsTotal: 2,
    downloads: 2,
    last30Days: {
      installs: 2,
      downloads: 2,
      days: [
        { day: today, installs: 2, downloads: 1 },
        { day: tomorrow, installs: 0, downloads: 1 },
      ],
    },
  });
});

test("related plugins are on the same matters, and what few tenants have together is told to nobody", async (t) => {
  const { client, url, database } = await startRegistry(t);
  const acme = await registerPublisher(client, "acme");
  const about = (categories: string[], keywords: string[]) => ({ manifest: { categories, keywords } });
  const plugins = {
    till: about(["payments"], ["cards"]),
    reader: about(["payments"], ["cards"]),
    ledger: about(["payments"], []),
    weather: about(["travel"], []),
  };
  for (const [name, source] of Object.entries(plugins)) {
    await acme.publish({ name, version: "1.0.0", ...source });
  }
  await sql`
    insert into registry.installs (id, tenant_id, plugin, version, status, consent, receipt)
    select 'ins_' || plugin || '_' || tenant, 'tnt_' || tenant, 'acme/' || plugin, '1.0.0', 'active', '', ''
    from (select 'till' as plugin, generate_series(1, 12) as tenant
          union select 'weather', generate_series(1, 7) union select 'ledger', generate_series(1, 4)) as wish`.execute(
    database.kysely(),
  );
  const statistics = createStatisticsRefresh({
    db: database.kysely<RegistryTables>("registry"),
    jobs: { define: (name) => ({ name }), schedule: async () => {} },
    now: () => new Date(),
  });
  await statistics.refresh();

  const answer = await fetch(`${url}/registry/v1/plugins/acme/till/related`);
  const { related, installedBeside } = (await answer.json()) as {
    related: { id: string }[];
    installedBeside: { id: string; tenants: number }[];
  };

  assert.deepEqual(
    related.map(({ id }) => id),
    ["acme/reader", "acme/ledger"],
  );
  assert.deepEqual(
    installedBeside.map(({ id, tenants }) => [id, tenants]),
    [["acme/weather", 5]],
  );
  assert.equal((await fetch(`${url}/registry/v1/plugins/acme/none/related`)).status, 404);
});
