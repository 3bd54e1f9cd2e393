import assert from "node:assert/strict";
import { test } from "node:test";
import type { Scanner } from "@plugboard/registry";
import { sql } from "kysely";
import { manualJobs } from "./support/manual-jobs.ts";
import { asOperator } from "./support/operator.ts";
import { pack, sign } from "./support/plugins.ts";
import { registerPublisher, startRegistry, type TestRegistry } from "./support/registry.ts";

const queue = "validate-publication";

async function sendIn({ client }: TestRegistry) {
  const { key } = await registerPublisher(client, "acme");
  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { id: publicationId } = await client.publish(upload);
  return { publicationId, upload };
}

test("a package that cannot be read is tried again, and in the end waits for the operator", async (t) => {
  const { jobs, attempt } = manualJobs();
  const registry = await startRegistry(t, { jobs });
  const { publicationId } = await sendIn(registry);
  await sql`truncate registry.blob_chunks`.execute(registry.database.kysely());

  await assert.rejects(attempt(queue, 1, { publicationId }));
  assert.equal((await registry.client.getPublication(publicationId)).status, "validating");
  await attempt(queue, 6, { publicationId });

  const { status, problems } = await registry.client.getPublication(publicationId);
  assert.equal(status, "quarantined");
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["checks-not-completed"],
  );
});

test("a scanner that cannot look, or does not answer, gives no pass, and the others are heard all the same", async (t) => {
  const broken: Scanner = {
    name: "broken",
    version: "1",
    deadlineMs: 5_000,
    scan: () => Promise.reject(new Error("the database of viruses at 10.0.0.7 is down")),
  };
  const silent: Scanner = { name: "silent", version: "1", deadlineMs: 1, scan: () => new Promise(() => {}) };
  const noted: Scanner = {
    name: "noted",
    version: "1",
    deadlineMs: 5_000,
    scan: async () => ({
      verdict: "pass",
      problems: [],
      report: { notes: [{ code: "seen", pointer: "", message: "Seen." }] },
    }),
  };
  const { jobs, attempt } = manualJobs();
  const registry = await startRegistry(t, { jobs, scanners: [broken, silent, noted] });
  const { publicationId, upload } = await sendIn(registry);

  await assert.rejects(attempt(queue, 1, { publicationId }));
  assert.equal((await registry.client.getPublication(publicationId)).status, "scanning");
  await attempt(queue, 6, { publicationId });

  const { status, problems, notes } = await registry.client.getPublication(publicationId);
  assert.equal(status, "quarantined");
  assert.deepEqual(
    problems.map(({ code }) => code),
    ["checks-not-completed", "scan-error", "scan-error"],
  );
  assert.deepEqual(
    notes.map(({ code }) => code),
    ["seen"],
  );
  assert.ok(
    !JSON.stringify(problems).includes("10.0.0.7"),
    "the inside of the registry is nobody's business",
  );
  await assert.rejects(registry.client.publish(upload), { code: "version-exists" });

  const decided = await asOperator<{ status: string }>(
    registry,
    `POST /publications/${publicationId}/decision`,
    {
      decision: "publish",
      reason: "Looked at by hand.",
    },
  );
  assert.deepEqual([decided.status, decided.body.status], [200, "published"]);
});

test("a publication is decided once, however often and by however many it is processed", async (t) => {
  const { jobs, attempt } = manualJobs();
  const registry = await startRegistry(t, { jobs });
  const { publicationId } = await sendIn(registry);

  await Promise.all([1, 1, 2, 2].map((number) => attempt(queue, number, { publicationId })));
  await attempt(queue, 6, { publicationId });

  assert.equal((await registry.client.getPublication(publicationId)).status, "published");
  const { body } = await asOperator<{ items: unknown[] }>(
    registry,
    `GET /publications/${publicationId}/scans`,
  );
  assert.equal(body.items.length, 1, "and looked at once");
});

test("the tarball of what was rejected goes after a while, and not one that is needed", async (t) => {
  let now = new Date("2030-01-01T00:00:00Z");
  const { jobs, attempt } = manualJobs();
  const failing: Scanner = {
    name: "failing",
    version: "1",
    deadlineMs: 5_000,
    scan: async ({ content }) => ({
      verdict: content.manifest.version === "1.0.0" ? "fail" : "pass",
      problems: [{ code: "no", pointer: "", message: "No." }],
      report: {},
    }),
  };
  const registry = await startRegistry(t, { jobs, scanners: [failing], now: () => now });
  const { client, database } = registry;
  const { key } = await registerPublisher(client, "acme", now);
  const uploads = await Promise.all(
    ["1.0.0", "2.0.0"].map(async (version) => sign(await pack({ id: "acme/echo", version }), key.privateJwk)),
  );
  for (const upload of uploads) {
    const { id: publicationId } = await client.publish(upload);
    await attempt(queue, 1, { publicationId });
  }
  const stored = async () => {
    const { rows } = await sql<{ n: number }>`select count(*) as n from registry.blobs`.execute(
      database.kysely(),
    );
    return rows[0]?.n;
  };

  await attempt("remove-rejected-tarballs", 1, {});
  assert.equal(await stored(), 2);
  now = new Date("2030-02-01T00:00:00Z");
  await attempt("remove-rejected-tarballs", 1, {});
  assert.equal(await stored(), 1);
  assert.ok((await client.getTarball("acme/echo", "2.0.0")).length > 0);

  const again = await client.publish(uploads[0] ?? assert.fail());
  assert.equal(again.status, "validating");
  assert.equal(await stored(), 2, "sent in again, it is there again");
});
