/** What a host, or whoever has a host's token, key or report, tries to have counted. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { generateSigningKey, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import { createRegistryClient } from "@plugboard/registry/client";
import { refused } from "./support/refused.ts";
import { hostToken, otherHostToken } from "./support/registry.ts";
import { useReviewBench } from "./support/reviews.ts";
import {
  buy,
  hour,
  install,
  meetHost,
  offerByUsage,
  proveKey,
  type TestHost,
  toNextMonth,
} from "./support/usage.ts";

const bench = useReviewBench();
let host: TestHost;
let installId = "";
let plugin = "";

let isReady = false;
beforeEach(async () => {
  if (isReady) return;
  isReady = true;
  host = await meetHost(bench);
  const offer = await offerByUsage(bench);
  plugin = offer.plugin;
  toNextMonth(bench);
  await buy(bench, "tnt_a", offer);
  installId = await install(bench.client, "tnt_a", plugin);
  bench.clock.pass({ days: 10 });
});

const windowAt = (away: number, units = 5) => ({
  installId,
  meter: "calls",
  window: hour(bench, away),
  units,
});
const counted = async () => {
  const { rows } = await bench.database.pool.query("select count(*)::int as n from registry.usage_windows");
  return rows[0].n;
};
const notices = async () => (await bench.operator("GET", "/notices")).body.items;

test("another number for the same hour is refused, and kept for the operator", async () => {
  assert.deepEqual(await host.report(windowAt(-2)), ["accepted"]);
  assert.deepEqual(await host.report(windowAt(-2, 6), windowAt(-2, 4)), ["units-differ", "units-differ"]);
  assert.deepEqual(await host.report(windowAt(-2, 6)), ["units-differ"]);

  const { body } = await bench.operator("GET", "/billing/usage-refusals");
  const kept = body.items.filter(({ reason }: { reason: string }) => reason === "units-differ");
  assert.deepEqual(kept.map(({ units }: { units: number }) => units).sort(), [4, 6], "each once");
  const [notice] = await notices();
  assert.deepEqual([notice.kind, notice.plugin, notice.details.count], ["usage-refused", plugin, 2]);
  for (const table of ["usage_windows", "usage_reports", "usage_refusals"]) {
    await assert.rejects(bench.database.pool.query(`delete from registry.${table}`), /only ever appended to/);
  }
});

test("more than an hour holds is refused, and the operator is told", async () => {
  const most = 5_000 * 3_600;
  assert.deepEqual(await host.report(windowAt(-3, most + 1), windowAt(-4, most)), [
    "units-absurd",
    "accepted",
  ]);
  const [notice] = await notices();
  assert.deepEqual(
    notice.details.windows.map(({ units }: { units: number }) => units),
    [most + 1],
  );
});

test("hours that are not over, not hours, or not of the install's time are refused", async () => {
  const outcomes = await host.report(
    windowAt(0),
    windowAt(1),
    windowAt(24 * 365),
    windowAt(-24 * 365),
    { ...windowAt(-5), window: "2026-02-30T00:00:00.000Z" },
    { ...windowAt(-5), meter: "other" },
  );
  assert.deepEqual(outcomes, [
    "window-open",
    "window-open",
    "window-open",
    "not-installed",
    "window-malformed",
    "meter-unknown",
  ]);
  const before = await counted();
  for (const wrong of [
    { ...windowAt(-5), units: -5 },
    { ...windowAt(-5), units: 0 },
    { ...windowAt(-5), units: 1.5 },
    { ...windowAt(-5), window: hour(bench, -5).replace(":00:00.000Z", ":30:00.000Z") },
    { ...windowAt(-5), amount: 1 },
  ]) {
    await refused(host.report(wrong), 422, "statement-malformed");
  }
  assert.equal(await counted(), before);
});

test("nothing is counted after the end of an install", async () => {
  const offer = await offerByUsage(bench);
  await buy(bench, "tnt_c", offer);
  const id = await install(bench.client, "tnt_c", offer.plugin);
  bench.clock.pass({ minutes: 120 });
  await bench.client.removeInstall("tnt_c", id);
  bench.clock.pass({ minutes: 180 });
  const at = (away: number) => ({ ...windowAt(away), installId: id });
  assert.deepEqual(await host.report(at(-1), at(-4)), ["not-installed", "accepted"]);
});

test("another host, with a token and a key of its own, speaks for no other's install, reported or not", async () => {
  const other = await meetHost(bench, { token: otherHostToken });
  const offer = await offerByUsage(bench);
  await buy(bench, "tnt_d", offer);
  const fresh = await install(bench.client, "tnt_d", offer.plugin);
  bench.clock.pass({ minutes: 120 });
  const unknown = { ...windowAt(-6), installId: `ins_${"0".repeat(32)}` };
  const first = { ...windowAt(-1), installId: fresh };
  const outcomes = await other.report(windowAt(-6), unknown, first);
  assert.deepEqual(outcomes, ["install-unknown", "install-unknown", "install-unknown"]);
  assert.deepEqual(await host.report(first), ["accepted"]);
});

test("of two hosts that share a token, an install is of the one that reported it first", async () => {
  const neighbour = await meetHost(bench);
  assert.notEqual(neighbour.id, host.id);
  assert.deepEqual(await neighbour.report(windowAt(-7)), ["install-unknown"]);
});

test("a report counts neither under another token, another host's name, nor another key", async () => {
  const other = await meetHost(bench, { token: otherHostToken });
  const report = await host.sign([windowAt(-8)]);
  await refused(other.client.reportUsage(report), 403, "host-key-unknown");
  const named = await other.sign([windowAt(-8)], { host: host.id });
  await refused(other.client.reportUsage(named), 403, "host-proof-invalid");
  const stray = await generateSigningKey();
  const payload = {
    host: host.id,
    audience: "plugboard-registry",
    issuedAt: bench.clock.now().toISOString(),
  };
  const forged = await signStatement(statementTypes.usage, { ...payload, windows: [windowAt(-8)] }, stray);
  await refused(host.client.reportUsage(forged), 403, "host-key-unknown");
  const [header, , signature] = report.split(".");
  const [, body] = (await host.sign([windowAt(-8, 500)])).split(".");
  const { status, code } = await host.client.reportUsage([header, body, signature].join(".")).catch((e) => e);
  assert.deepEqual([status >= 400, code], [true, "signature-invalid"]);
  const proof = await proveKey(bench, host.key);
  const { code: wrongType } = await host.client.reportUsage(proof).catch((error) => error);
  assert.equal(wrongType, "statement-wrong-type");
  await refused(createRegistryClient({ baseUrl: bench.url }).reportUsage(report), 401, "unauthorized");
});

test("a report that is replayed changes nothing, and counts for nothing when it is old", async () => {
  const report = await host.sign([windowAt(-50)]);
  assert.equal((await host.client.reportUsage(report))[0]?.outcome, "accepted");
  const reports = async () =>
    (await bench.database.pool.query("select count(*)::int as n from registry.usage_reports")).rows[0].n;
  const before = await reports();
  const again = await Promise.all([1, 2, 3].map(() => host.client.reportUsage(report)));
  assert.deepEqual(
    again.map(([result]) => result?.outcome),
    ["known", "known", "known"],
  );
  assert.equal(await reports(), before, "a replay leaves nothing behind");
  bench.clock.pass({ minutes: 11 });
  await refused(host.client.reportUsage(report), 403, "host-proof-invalid");
  const ahead = { issuedAt: new Date(bench.clock.now().getTime() + 11 * 60_000).toISOString() };
  await refused(host.client.reportUsage(await host.sign([windowAt(-50)], ahead)), 403, "host-proof-invalid");
  const elsewhere = await host.sign([windowAt(-50)], { audience: "another-registry" });
  await refused(host.client.reportUsage(elsewhere), 403, "host-proof-invalid");
});

test("of the same hour, said in two ways at once, one is counted", async () => {
  const outcomes = (await Promise.all([7, 8, 9].map((units) => host.report(windowAt(-10, units))))).flat();
  assert.deepEqual(outcomes.sort(), ["accepted", "units-differ", "units-differ"]);
});

test("a key is shown by who has it, and followed by the one it vouches for", async () => {
  const first = await generateSigningKey();
  const old = await meetHost(bench, { key: first });
  const next = await generateSigningKey();
  const show = (shown: { claim: string; vouch?: string }) =>
    old.client.announceHost({ key: next.publicJwk, ...shown });
  const claim = await proveKey(bench, next);
  const stolen = await proveKey(bench, next, { by: first });
  await refused(show({ claim: stolen }), 403, "host-key-unknown");
  const stray = await generateSigningKey();
  await refused(show({ claim, vouch: await proveKey(bench, next, { by: stray }) }), 403, "host-key-unknown");
  await refused(
    show({ claim: await proveKey(bench, { ...next, kid: stray.kid }, { by: next }) }),
    403,
    "host-proof-invalid",
  );

  assert.equal((await show({ claim, vouch: stolen })).hostId, old.id);
  assert.equal((await show({ claim })).hostId, old.id, "from then on it is known");
  assert.deepEqual(await old.report(windowAt(-11)), ["install-unknown"], "the old one counts on for a while");
  const third = await generateSigningKey();
  const byOld = { claim: await proveKey(bench, third), vouch: await proveKey(bench, third, { by: first }) };
  await refused(old.client.announceHost({ key: third.publicJwk, ...byOld }), 403, "host-key-unknown");
  bench.clock.pass({ minutes: 25 * 60 });
  await refused(old.report(windowAt(-11)), 403, "host-key-unknown");
  const renewed = await meetHost(bench, { key: next });
  assert.equal(renewed.id, old.id);

  const ended = await bench.operator("POST", `/hosts/${old.id}/keys/${next.kid}/end`);
  assert.equal(ended.status, 200);
  await refused(renewed.report(windowAt(-11)), 403, "host-key-unknown");
  await refused(meetHost(bench, { key: next }), 403, "host-key-unknown");
});

test("a new token changes nothing, once the key is shown under it", async () => {
  const moved = createRegistryClient({ baseUrl: bench.url, hostToken: otherHostToken });
  const report = await host.sign([windowAt(-12)]);
  await refused(moved.reportUsage(report), 403, "host-key-unknown");
  const again = await meetHost(bench, { token: otherHostToken, key: host.key });
  assert.equal(again.id, host.id);
  assert.deepEqual(await again.report(windowAt(-12)), ["accepted"]);
  assert.equal((await meetHost(bench, { token: hostToken, key: host.key })).id, host.id);
});

test("nobody sends a provider's word where there is no provider", async () => {
  const response = await fetch(`${bench.url}/registry/v1/billing/webhook`, { method: "POST", body: "{}" });
  assert.equal(response.status, 403);
  assert.equal(((await response.json()) as { code: string }).code, "webhook-refused");
});
