/** A registry of before hosts had names, and of before changes of revocations were kept, is brought up to date. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { migrate } from "@plugboard/service-kit/database";
import { openTestDatabase } from "@plugboard/service-kit/testing";
import { createTenants } from "../host-access/index.ts";
import { registryMigrations } from "../migrations/index.ts";
import { listRevocationChanges, listRevocations } from "../revocations/revocations.ts";
import type { RegistryTables } from "../tables.ts";
import { changeRevocations } from "../transparency/index.ts";

const schema = "registry";

const at = "2026-01-01T00:00:00Z";
const plugin = "acme/echo";

/** One row in each table that knew of tenants, each of another tenant; and several of one. */
const earlier = `
  insert into publishers (name) values ('acme');
  insert into blobs (sha512, size) values ('digest', 1);
  insert into publications (id, publisher, plugin, version, status, statement_jws, tarball_sha512)
    values ('pub_1', 'acme', '${plugin}', '1.0.0', 'published', 'jws', 'digest');
  insert into versions (plugin, version, seq, publication_id, manifest, manifest_sha512, permissions, consent,
      tarball_sha512, size, registry_jws, published_at, signed_by)
    values ('${plugin}', '1.0.0', 1, 'pub_1', '{}', 'digest', '{}', 'consent', 'digest', 1, 'jws', '${at}', 'kid');
  insert into publications (id, publisher, plugin, version, status, statement_jws, tarball_sha512, tenant_id)
    values ('pub_2', 'acme', 'acme/hidden', '1.0.0', 'published', 'jws', 'digest', 'tnt_unlinked');
  insert into versions (plugin, version, seq, publication_id, manifest, manifest_sha512, permissions, consent,
      tarball_sha512, size, registry_jws, published_at, signed_by, block)
    values ('acme/hidden', '1.0.0', 2, 'pub_2', '{}', 'digest', '{}', 'consent', 'digest', 1, 'jws', '${at}', 'kid',
      '{"reason":"It sinks.","seq":3}');
  insert into listings (plugin, publisher, latest_version, display_name, description, categories, keywords, pricing,
      created_at, updated_at, tenant_id)
    values ('acme/hidden', 'acme', '1.0.0', 'Hidden', '', '{}', '{}', 'free', '${at}', '${at}', 'tnt_unlinked'),
      ('${plugin}', 'acme', '1.0.0', 'Echo', '', '{}', '{}', 'free', '${at}', '${at}', null);
  update versions set block = '{"reason":"It lies.","seq":4}' where plugin = '${plugin}';
  insert into publisher_keys (publisher, kid, public_jwk, ended, until_seq) values ('acme', 'kid', '{}', 'revoked', 2);
  insert into installs (id, tenant_id, plugin, version, status, consent, receipt) values
    ('ins_1', 'tnt_installs', '${plugin}', '1.0.0', 'active', 'consent', 'receipt'),
    ('ins_2', 'tnt_left', '${plugin}', '1.0.0', 'uninstalled', 'consent', 'receipt'),
    ('ins_3', 'tnt_many', '${plugin}', '1.0.0', 'active', 'consent', 'receipt');
  insert into tenant_policies values
    ('tnt_policy', 1, '{}', 'key_1', '${at}'), ('tnt_many', 1, '{}', 'key_1', '${at}'), ('tnt_many', 2, '{}', 'key_1', '${at}');
  insert into tenant_approvals (id, tenant_id, plugin, version, consent, status, reason, requested_by, created_at)
    values ('apr_1', 'tnt_approval', '${plugin}', '1.0.0', 'consent', 'requested', 'why', 'key_1', '${at}');
  insert into tenant_publishers values ('acme', 'tnt_publisher', '${at}');
  insert into purchases (id, tenant_id, plugin, terms, pricing, status, provider, created_at)
    values ('pur_1', 'tnt_purchase', '${plugin}', 'terms', '{}', 'open', 'manual', '${at}');
  insert into entitlements (id, tenant_id, plugin, revision, state, source, terms, pricing, trial_used, updated_at)
    values ('ent_1', 'tnt_entitlement', '${plugin}', 1, 'active', 'grant', 'terms', '{}', false, '${at}');
  insert into reviews (id, plugin, tenant_id, author, host, newcomer, version, rating, title, body, status, created_at)
    values ('rev_1', '${plugin}', 'tnt_review', 'author', 'host', false, '1.0.0', 5, 'title', 'body', 'visible', '${at}');
  insert into review_votes values ('rev_1', 'tnt_vote', 'author', '${at}');
  insert into review_reports (review_id, tenant_id, author, reason, note, at)
    values ('rev_1', 'tnt_report', 'author', 'spam', '', '${at}');`;

const known = [
  ...["approval", "entitlement", "installs", "left", "many", "policy"],
  ...["publisher", "purchase", "report", "review", "unlinked", "vote"],
].map((name) => `tnt_${name}`);

async function openEarlier(t: TestContext) {
  const database = await openTestDatabase(t);
  const before = registryMigrations.filter(({ id }) => id < "0021");
  await migrate(database, { schema, migrations: before });
  const connection = await database.pool.connect();
  await connection.query(`begin; set local search_path to ${schema}; ${earlier} commit`);
  connection.release();

  await migrate(database, { schema, migrations: registryMigrations });
  return database.kysely<RegistryTables>(schema);
}

test("what a registry knew is what it knows", async (t) => {
  const db = await openEarlier(t);
  await t.test("all tenants belong to the one host that there was, once each, and to no other", async () => {
    const hosts = await db.selectFrom("tenant_hosts").selectAll().orderBy("tenant_id").execute();
    assert.deepEqual(
      hosts.map(({ tenant_id, host }) => [tenant_id, host]),
      known.map((tenant) => [tenant, "default"]),
    );
    const tenants = createTenants({ db, now: () => new Date() });
    for (const tenant of known) {
      await tenants.requireReadable(tenant, "default");
      await assert.rejects(tenants.requireReadable(tenant, "berlin"), { code: "tenant-of-another-host" });
    }
    await tenants.requireReadable("tnt_new", "berlin");
  });

  await t.test(
    "what was blocked and revoked is told to whoever asks for changes, as the list has it",
    async () => {
      const { changes, next } = await listRevocationChanges(db, { after: 0, from: 0 });
      const list = await listRevocations(db);
      assert.equal(next, undefined);
      assert.deepEqual(changeRevocations({ blocked: [], keys: [] }, changes), list);
      assert.deepEqual([list.blocked.length, list.withheld?.length, list.keys.length], [1, 1, 1]);
    },
  );
});
