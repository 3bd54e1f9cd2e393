/** What is kept of connections' requests: added up where it is, and for as long as it is said. Time is passed in. */
import assert from "node:assert/strict";
import test from "node:test";
import { createLogger, createMetrics } from "@plugboard/service-kit/observe";
import { sql } from "kysely";
import type { RequestRecord } from "../../kernel/capabilities/index.ts";
import { createActivity } from "../../modules/activity/index.ts";
import { openCoreDatabase } from "../storage/harness.ts";

const dayMs = 86_400_000;
const beginning = Date.parse("2026-01-01T00:00:30Z");
const never = new AbortController().signal;

test("what went over connections", async (t) => {
  const { db, install } = await openCoreDatabase(t);
  const { tenantId, installId } = await install();
  const logger = createLogger({ name: "test", level: "silent" });
  let now = beginning;
  const activity = createActivity({ db, logger, metrics: createMetrics({ runtime: false }), now: () => now });

  async function connect(id: string): Promise<string> {
    const of = { tenant_id: tenantId, install_id: installId, name: id, config: "{}", auth_type: "apiKey" };
    await db
      .insertInto("connections")
      .values({ id, status: "active", ...of } as never)
      .execute();
    return id;
  }
  const request = (connectionId: string, durationMs: number, status = 200): RequestRecord => ({
    ...{ plugin: "acme/vendor", tenantId, connectionId, method: "GET", path: "/v1", host: "api.vendor.test" },
    ...{
      status,
      code: "ok",
      durationMs,
      attempts: 1,
      mayHaveChanged: false,
      isRefused: false,
      isCached: false,
      requestBytes: 0,
      responseBytes: 0,
    },
  });
  const metricsOf = (id: string, days: number) =>
    activity.metrics(tenantId, id, new Date(beginning - dayMs), new Date(beginning + days * dayMs));
  const linesOf = async (id: string) =>
    (await activity.logs(tenantId, id, {}, { limit: 100, after: undefined } as never)).length;

  await t.test("is added up over minutes, hosts and times of writing", async () => {
    const id = await connect("con_sum");
    for (let minute = 0; minute < 10; minute++) {
      now = beginning + minute * 60_000;
      for (let i = 0; i < 10; i++) activity.record(request(id, minute < 9 ? 10 : 1_000, i === 0 ? 500 : 200));
      await activity.flush();
    }
    activity.record(request(id, 1_000));
    await activity.flush();
    const { total, ok, failed, averageMs, p95Ms, lastActivityAt } = await metricsOf(id, 1);
    assert.deepEqual([total, ok, failed], [101, 91, 10]);
    assert.equal(Math.round(averageMs ?? 0), Math.round((90 * 10 + 11 * 1_000) / 101));
    assert.ok(p95Ms !== null && p95Ms > 700 && p95Ms <= 1_100, `${p95Ms}`);
    assert.equal(lastActivityAt, new Date(now).toISOString());
    const nothing = await metricsOf("con_none", 1);
    assert.deepEqual([nothing.total, nothing.p95Ms, nothing.lastActivityAt], [0, null, null]);
  });

  await t.test("is written down for 30 days, and counted for 90", async () => {
    now = beginning;
    const id = await connect("con_kept");
    activity.record(request(id, 10));
    await activity.flush();
    const after = async (days: number) => {
      now = beginning + days * dayMs;
      await activity.prune(never);
      return [await linesOf(id), (await metricsOf(id, 1)).total];
    };
    assert.deepEqual(await after(29.9), [1, 1]);
    assert.deepEqual(await after(30.1), [0, 1]);
    assert.deepEqual(await after(89.9), [0, 1]);
    assert.deepEqual(await after(90.1), [0, 0]);
  });

  await t.test("is written down up to the last 10,000 requests of each", async () => {
    now = beginning;
    const many = await connect("con_many");
    const few = await connect("con_few");
    activity.record(request(few, 10));
    await activity.flush();
    await sql`
      insert into core.connection_logs (id, connection_id, tenant_id, at, level, host, code, duration_ms, attempts)
      select 'log_' || place, ${many}, ${tenantId}, ${new Date(now)}, 1, 'h', 'c' || place, 1, 1
      from generate_series(1, 11500) as place order by place`.execute(db);
    assert.equal(await activity.prune(never), 1_500);
    const left = await sql<{ lines: number; first: string }>`
      select count(*)::integer as lines, (array_agg(code order by seq))[1] as first
      from core.connection_logs where connection_id = ${many}`.execute(db);
    assert.deepEqual(left.rows, [{ lines: 10_000, first: "c1501" }]);
    assert.equal(await linesOf(few), 1);
  });
});
