import assert from "node:assert/strict";
import { test } from "node:test";
import { consentDigest } from "@plugboard/plugin-sdk/manifest";
import { sql } from "kysely";
import { createSearch } from "../search/index.ts";
import type { RegistryTables } from "../tables.ts";
import { refused } from "./support/refused.ts";
import { registerPublisher, startRegistry } from "./support/registry.ts";

/** What a stranger can ask, and what about the private plugin each answer must not depend on. */
const searches = [
  "",
  "q=acme/hidden",
  "q=hidden",
  "q=hid",
  "q=hiddne",
  "q=submarine",
  "q=submarnie",
  "q=submarin%20periscope",
  "q=public",
  "facets=true",
  "facets=true&category=naval",
  "facets=true&q=tool&deprecated=true",
  "sort=updated",
  "sort=installs&limit=1",
  "networkHost=secret.example.com",
  "permission=network&facets=true",
];

test("nobody learns of another's private plugin", async (t) => {
  const { client, url, database } = await startRegistry(t);
  const db = database.kysely<RegistryTables>("registry");
  const acme = await registerPublisher(client, "acme");
  const manifest = { displayName: "Public", categories: ["tools"], keywords: ["tool"] };
  await acme.publish({ name: "echo", version: "1.0.0", manifest });
  await acme.publish({ name: "other", version: "1.0.0", manifest });

  const ask = async (query: string) => {
    const answer = await fetch(`${url}/registry/v1/-/search?${query}`);
    return { status: answer.status, etag: answer.headers.get("etag"), body: await answer.text() };
  };
  const before = await Promise.all(searches.map(ask));
  const relatedBefore = await (await fetch(`${url}/registry/v1/plugins/acme/echo/related`)).text();

  const permissions = {
    network: [{ hosts: ["secret.example.com"], methods: ["GET"] as ["GET"], reason: "Read" }],
  };
  await acme.publish({
    name: "hidden",
    version: "1.0.0",
    manifest: {
      displayName: "Hidden Submarine",
      description: "A tool with a periscope.",
      categories: ["naval", "tools"],
      keywords: ["tool"],
      permissions,
    },
    files: [{ path: "README.md", content: Buffer.from("# Hidden") }],
  });
  await sql`update registry.listings set tenant_id = 'tnt_a' where plugin = 'acme/hidden'`.execute(db);
  await sql`update registry.plugin_statistics set installs_active = 500 where plugin_id = 'acme/hidden'`.execute(
    db,
  );
  await sql`insert into registry.plugin_co_installs values ('acme/echo', 'acme/hidden', 50)`.execute(db);

  await t.test("by searching, counting, or an entity tag", async () => {
    for (const [index, query] of searches.entries()) assert.deepEqual(await ask(query), before[index], query);
    const related = await (await fetch(`${url}/registry/v1/plugins/acme/echo/related`)).text();
    assert.equal(related, relatedBefore);
  });

  await t.test("by asking for it: the answer is that to a name nobody took", async () => {
    const paths = ["", "/1.0.0", "/1.0.0/tarball", "/1.0.0/signatures", "/1.0.0/readme", "/related"];
    for (const path of paths) {
      const [hidden, absent] = await Promise.all(
        ["hidden", "absent"].map(async (name) => {
          const answer = await fetch(`${url}/registry/v1/plugins/acme/${name}${path}`);
          const { instance: _, ...problem } = JSON.parse(
            (await answer.text()).replaceAll(name, "NAME"),
          ) as Record<string, unknown>;
          return { status: answer.status, problem };
        }),
      );
      assert.equal(hidden?.status, 404, path);
      assert.deepEqual(hidden, absent, path);
    }
  });

  await t.test("by installing it", async () => {
    const wish = { plugin: "acme/hidden", consent: consentDigest({ id: "acme/hidden", permissions }) };
    await refused(client.createInstall("tnt_b", wish), 404, "plugin-not-found");
    assert.equal((await client.createInstall("tnt_a", wish)).version, "1.0.0");
  });

  await t.test("while its tenant finds it, also misspelt", async () => {
    const search = createSearch({ db });
    const find = async (tenantId: string | undefined, text: string) => {
      const asked = { filters: {}, sort: "relevance", facets: true, limit: 10, cursor: undefined } as const;
      const { listings, facets } = await search.find({ viewer: { tenantId }, text, ...asked });
      return [listings.map(({ plugin }) => plugin), facets?.category.map(({ value }) => value)];
    };
    for (const text of ["submarine", "submarnie"]) {
      assert.deepEqual(await find("tnt_a", text), [["acme/hidden"], ["naval", "tools"]]);
      assert.deepEqual(await find("tnt_b", text), [[], []]);
      assert.deepEqual(await find(undefined, text), [[], []]);
    }
  });
});
