/** What a host leaves behind in the middle of a batch, and how another one goes on with it. */
import assert from "node:assert/strict";
import test from "node:test";
import { setTimeout } from "node:timers/promises";
import { openDatabase } from "@plugboard/service-kit/database";
import { createLogger } from "@plugboard/service-kit/observe";
import { createTestApi, type TestAnswer } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { ledgerPlugin } from "../support/ledger-plugin.ts";
import { startLedgerVendor } from "../support/ledger-vendor.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

test("a batch whose host is gone is gone on with, and nothing of it is done twice", async (t) => {
  const vendor = await startLedgerVendor(t);
  // One call at a time.
  const sandboxLimits = { hostBatchCallsPerTenant: 1 };
  const host = await startTestHost(t, { egressRewrite: vendor.rewrite, sandboxLimits });
  const registry = host.address;
  await publishTestPlugin(registry, await registerPublisher(registry, "acme"), ledgerPlugin);
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/ledger");
  const beside = await startTestHost(t, {
    egressRewrite: vendor.rewrite,
    sandboxLimits,
    beside: host,
  });
  const path = `/api/v1/connections/${connectionId}/entities/note/batch`;
  const send = (address: string, texts: string[]) =>
    createTestApi(address, tenant.key).send("POST", path, {
      headers: { "content-type": "application/json", "Idempotency-Key": "k" },
      body: JSON.stringify({ writes: texts.map((text) => ({ op: "create", record: { text } })) }),
    });
  type Result = { status: string; key?: string; problem?: { code: string } };
  const told = ({ body }: TestAnswer) =>
    body.results.map(({ status, problem }: Result) => (problem ? `${status} ${problem.code}` : status));
  const texts = ["a", "refused", "held", "b", ""];

  // To whoever asks elsewhere the first host is as good as gone: it does not answer.
  const first = send(host.address, texts);
  await vendor.isHolding;
  const early = await send(beside.address, texts);
  assert.deepEqual([early.status, early.body.code], [409, "idempotency-key-in-use"]);
  // As after the time in which it must have ended.
  const logger = createLogger({ name: "test", level: "silent" });
  const database = await openDatabase({ databaseUrl: host.databaseUrl, dataDir: "/nowhere", logger });
  t.after(() => database.close());
  await database.pool.query("update core.idempotent_requests set resumable_at = now()");
  const resumed = await send(beside.address, texts);
  assert.deepEqual(told(resumed), [
    "succeeded",
    "failed vendor-input-refused",
    "unknown batch-interrupted",
    "succeeded",
    "failed entity-input-invalid",
  ]);
  assert.match(resumed.body.results[0].key, /^e\d+$/);
  const sent = vendor.requests().map(({ body }) => (body as { text: string }).text);
  assert.deepEqual(sent, ["a", "refused", "held", "b"]);

  await t.test("what was done stays told as done when whoever goes on with it hangs up", async () => {
    const other = await host.tenant();
    const own = `/api/v1/connections/${(await connect(other, "acme/ledger")).connectionId}/batch`;
    const act = (address: string, texts: string[], more: { key?: string; signal?: AbortSignal } = {}) =>
      createTestApi(address, other.key).send("POST", own, {
        headers: { "content-type": "application/json", ...(more.key && { "Idempotency-Key": more.key }) },
        body: JSON.stringify({ actions: texts.map((text) => ({ action: "write", input: { text } })) }),
        ...(more.signal && { signal: more.signal }),
      });
    const isSo = async (sql: string) => (await database.pool.query(sql, [other.id])).rowCount === 1;
    const until = async (holds: () => boolean | Promise<boolean>) => {
      while (!(await holds())) await setTimeout(20);
    };
    const actions = ["a", "held", "b"];

    const gone = act(host.address, actions, { key: "k" });
    await until(() => isSo("select from core.batch_parts where tenant_id = $1 and place = 1"));
    await database.pool.query("update core.idempotent_requests set resumable_at = now() where reply is null");
    // The tenant's only turn beside.
    const hindering = act(beside.address, ["held"]);
    let held = 0;
    await until(() => {
      held += vendor.requests().filter(({ body }) => (body as { text: string }).text === "held").length;
      return held === 2;
    });
    const client = new AbortController();
    const left = act(beside.address, actions, { key: "k", signal: client.signal });
    await until(() =>
      isSo("select from core.idempotent_requests where tenant_id = $1 and key = 'k' and attempt = 2"),
    );
    client.abort();
    await assert.rejects(left, { name: "AbortError" });
    await until(() =>
      isSo("select from core.idempotent_requests where tenant_id = $1 and reply is not null"),
    );
    const kept = await act(beside.address, actions, { key: "k" });
    assert.deepEqual(told(kept), ["succeeded", "unknown batch-interrupted", "not-started batch-stopped"]);
    vendor.release();
    await Promise.all([gone, hindering]);
    vendor.requests();
  });

  vendor.release();
  assert.equal(
    told(await first)[3],
    "not-started batch-stopped",
    "the first one sees that it is no longer its own",
  );
  for (const address of [host.address, beside.address]) {
    const again = await send(address, texts);
    assert.deepEqual([again.headers.get("idempotent-replayed"), again.body], ["true", resumed.body]);
  }
  assert.equal(vendor.requests().length, 0);
  const other = await send(host.address, ["a"]);
  assert.equal(other.body.code, "idempotency-key-reused");
});
