import assert from "node:assert/strict";
import { test } from "node:test";
import { canonicalJson, type RegistryStatement, sha256Hex } from "@plugboard/plugin-sdk/trust";
import type { Scanner } from "@plugboard/registry";
import { decodeJwt } from "jose";
import { createAccount, makeOwner } from "./support/accounts.ts";
import { manualJobs } from "./support/manual-jobs.ts";
import { ask, asOperator } from "./support/operator.ts";
import { echoCode, pack, sign } from "./support/plugins.ts";
import { refused } from "./support/refused.ts";
import { hostToken, registerPublisher, startRegistry } from "./support/registry.ts";

interface Summary {
  digest: string;
  verdict: string;
  checks: { name: string; version: string; result: string }[];
}

test("the digest of the scan is in what the registry signs, its results are public and its details are not", async (t) => {
  const registry = await startRegistry(t);
  const acme = await registerPublisher(registry.client, "acme");
  // What bundlers leave of where a module came from.
  const bundled = "// node_modules/left-pad/index.js\n// node_modules/@acme/money/dist/index.js\n";
  const { id } = await acme.publish({ name: "echo", version: "1.0.0", code: `${bundled}${echoCode}` });

  const signed = decodeJwt<RegistryStatement>(
    (await registry.client.getSignatures("acme/echo", "1.0.0")).registry,
  );
  const shown = await ask<{ published: Summary; latest: Summary }>(
    registry,
    "GET /plugins/acme/echo/1.0.0/scan",
  );
  const { body } = await asOperator<{ items: { summary: Summary; report: object }[] }>(
    registry,
    `GET /publications/${id}/scans`,
  );

  const [whole] = body.items;
  assert.ok(whole);
  assert.equal(sha256Hex(canonicalJson(whole.report)), signed.scan.digest);
  assert.deepEqual(shown.body.published, signed.scan);
  assert.deepEqual(shown.body.published, whole.summary);
  assert.deepEqual(
    shown.body.published.checks.map(({ name, result }) => `${name} ${result}`),
    [
      "package-rules pass",
      "manifest-rules pass",
      "engine-range pass",
      "listing-files pass",
      "loads-in-sandbox pass",
      "contributes-match pass",
      "declared-capabilities pass",
      "secrets pass",
      "name-similarity pass",
      "size-report pass",
    ],
  );
  const size = JSON.stringify(whole.report);
  for (const fact of ["unpackedBytes", "largest", '"bundledPackages":["@acme/money","left-pad"]'])
    assert.ok(size.includes(fact), fact);

  for (const token of [undefined, hostToken]) {
    const asked = await ask(registry, `GET /publications/${id}/scans`, token === undefined ? {} : { token });
    assert.equal(asked.status, token === undefined ? 401 : 403);
  }
  assert.equal((await ask(registry, "GET /plugins/acme/echo/2.0.0/scan")).status, 404);
});

test("a later look at a published version changes nothing by itself, and is told to the operator", async (t) => {
  let version = "1";
  const learning: Scanner = {
    name: "learning",
    version,
    deadlineMs: 5_000,
    scan: async () =>
      version === "1"
        ? { verdict: "pass", problems: [], report: {} }
        : {
            verdict: "fail",
            problems: [{ code: "known-now", pointer: "", message: "Known now." }],
            report: {},
          },
  };
  const { jobs, attempt } = manualJobs();
  const registry = await startRegistry(t, { jobs, scanners: [learning] });
  const { key } = await registerPublisher(registry.client, "acme");
  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), key.privateJwk);
  const { id: publicationId } = await registry.client.publish(upload);
  const rescan = () => asOperator<{ code?: string }>(registry, `POST /publications/${publicationId}/rescan`);
  assert.deepEqual(
    [(await rescan()).status, (await rescan()).body.code],
    [409, "publication-not-rescannable"],
  );
  await attempt("validate-publication", 1, { publicationId });

  assert.equal((await rescan()).status, 202);
  await attempt("rescan-publication", 1, { publicationId, requestedBy: "operator" });
  const notices = () =>
    asOperator<{ items: { id: string; kind: string; plugin: string; details: object }[] }>(
      registry,
      "GET /notices",
    );
  assert.deepEqual((await notices()).body.items, [], "it passed again");

  version = "2";
  await attempt("rescan-publication", 1, { publicationId, requestedBy: "operator" });

  assert.equal((await registry.client.getPublication(publicationId)).status, "published");
  assert.equal((await registry.client.getVersion("acme/echo", "1.0.0")).version, "1.0.0");
  const [notice] = (await notices()).body.items;
  assert.ok(notice);
  assert.deepEqual([notice.kind, notice.plugin], ["rescan-found", "acme/echo"]);
  const shown = await ask<{ published: Summary; latest: Summary }>(
    registry,
    "GET /plugins/acme/echo/1.0.0/scan",
  );
  assert.deepEqual([shown.body.published.verdict, shown.body.latest.verdict], ["pass", "fail"]);
  await asOperator(registry, `POST /notices/${notice.id}/acknowledge`);
  assert.deepEqual((await notices()).body.items, []);
  assert.equal((await ask(registry, "GET /notices")).status, 401);
});

test("what is in quarantine can be looked at again, and be rejected by the operator, with the reason", async (t) => {
  let verdict: "suspicious" | "pass" = "suspicious";
  const wary: Scanner = {
    name: "wary",
    version: "1",
    deadlineMs: 5_000,
    scan: async () => ({ verdict, problems: [{ code: "odd", pointer: "", message: "Odd." }], report: {} }),
  };
  const registry = await startRegistry(t, { scanners: [wary] });
  const { client } = registry;
  const acme = await registerPublisher(client, "acme");
  const one = await acme.publish({ name: "echo", version: "1.0.0" });
  const two = await acme.publish({ name: "echo", version: "2.0.0" });
  assert.deepEqual([one.status, two.status], ["quarantined", "quarantined"]);
  await refused(client.getVersion("acme/echo", "1.0.0"), 404, "plugin-not-found");

  const said = { decision: "reject", reason: "It says that it is a bank." };
  const rejected = await asOperator<{ status: string; decision: object }>(
    registry,
    `POST /publications/${one.id}/decision`,
    said,
  );
  assert.equal(rejected.body.status, "rejected");
  const { decision } = await client.getPublication(one.id);
  assert.deepEqual([decision?.reason, decision?.by], [said.reason, "operator"]);
  const again = await asOperator<{ code: string }>(registry, `POST /publications/${one.id}/decision`, said);
  assert.deepEqual([again.status, again.body.code], [409, "publication-not-quarantined"]);

  verdict = "pass";
  await asOperator(registry, `POST /publications/${two.id}/rescan`);
  for (let { status } = two; status !== "published"; ) ({ status } = await client.getPublication(two.id));
});

test("what is in quarantine stays there to be seen while it is looked at again, once, and so often an hour", async (t) => {
  const wary: Scanner = {
    name: "wary",
    version: "1",
    deadlineMs: 5_000,
    scan: async () => ({
      verdict: "suspicious",
      problems: [{ code: "odd", pointer: "", message: "Odd." }],
      report: {},
    }),
  };
  const { jobs, attempt } = manualJobs();
  const registry = await startRegistry(t, { jobs, scanners: [wary], uploadLimits: { rescansPerHour: 2 } });
  const acme = await registerPublisher(registry.client, "acme");
  const ada = await createAccount(registry);
  await makeOwner(ada, acme);
  const upload = await sign(await pack({ id: "acme/echo", version: "1.0.0" }), acme.key.privateJwk);
  const { id: publicationId } = await registry.client.publish(upload);
  await attempt("validate-publication", 1, { publicationId });
  const before = await registry.client.getPublication(publicationId);
  assert.equal(before.status, "quarantined");

  const rescan = async () =>
    (await ada.ask(`POST /publishers/acme/publications/${publicationId}/rescan`)).status;
  assert.deepEqual([await rescan(), await rescan(), await rescan()], [202, 202, 429]);

  assert.deepEqual(await registry.client.getPublication(publicationId), before);
  await attempt("rescan-publication", 1, { publicationId, requestedBy: ada.id });
  const { status, problems } = await registry.client.getPublication(publicationId);
  assert.deepEqual([status, problems.map(({ code }) => code)], ["quarantined", ["odd"]]);
});

test("a plugin has so many versions and a publisher so many plugins, and no more", async (t) => {
  const { client } = await startRegistry(t, {
    uploadLimits: { versionsPerPlugin: 2, pluginsPerPublisher: 1 },
  });
  const { key, publish } = await registerPublisher(client, "acme");
  const send = async (id: string, version: string) =>
    client.publish(await sign(await pack({ id, version }), key.privateJwk));
  await publish({ name: "echo", version: "1.0.0" });
  await publish({ name: "echo", version: "1.0.1" });

  await refused(send("acme/echo", "1.0.2"), 409, "too-many-releases");
  await refused(send("acme/other", "1.0.0"), 409, "too-many-releases");
});

test("a publisher who sends in too much is told to wait", async (t) => {
  const { client } = await startRegistry(t, { uploadLimits: { perHour: 1 } });
  const { key } = await registerPublisher(client, "acme");
  const rival = await registerPublisher(client, "rival");
  const publish = async (version: string) =>
    client.publish(await sign(await pack({ id: "acme/echo", version }), key.privateJwk));
  await publish("1.0.0");

  await refused(publish("1.0.1"), 429, "rate-limited");
  assert.equal((await rival.publish({ name: "echo", version: "1.0.0" })).status, "published");
});
