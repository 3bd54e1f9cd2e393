/** Many writes in one request: each has an outcome of its own, and it is the truth. */
import assert from "node:assert/strict";
import test, { type TestContext } from "node:test";
import type { TestAnswer } from "../support/api.ts";
import { connect, startTestHost } from "../support/host.ts";
import { ledgerPlugin } from "../support/ledger-plugin.ts";
import { startLedgerVendor } from "../support/ledger-vendor.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

interface Write {
  op: string;
  key?: string;
  record?: object;
  idempotencyKey?: string;
}

const create = (text: string): Write => ({ op: "create", record: { text } });
const update = (key: string, text: string): Write => ({ op: "update", key, record: { text } });
const remove = (key: string): Write => ({ op: "remove", key });

async function start(t: TestContext) {
  const vendor = await startLedgerVendor(t);
  // Of processor time, which what does not end takes whole.
  const sandboxLimits = { blockMs: 300, drainMs: 50 };
  const host = await startTestHost(t, {
    isolation: "thread",
    egressRewrite: vendor.rewrite,
    sandboxLimits,
  });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, ledgerPlugin);
  return {
    host,
    publisher,
    vendor,
    /** A tenant with a connection of its own, over an empty ledger. */
    async fresh() {
      const tenant = await host.tenant();
      const { installId, connectionId } = await connect(tenant, "acme/ledger");
      vendor.entries.clear();
      vendor.requests();
      const connection = `/api/v1/connections/${connectionId}`;
      const post = (place: string, body: unknown, headers: { [name: string]: string } = {}) =>
        tenant.api.send("POST", `${connection}${place}`, {
          headers: { "content-type": "application/json", ...headers },
          body: JSON.stringify(body),
        });
      return {
        tenant,
        api: tenant.api,
        connection,
        installId,
        post,
        batch: (entity: string, writes: Write[], headers?: { [name: string]: string }) =>
          post(`/entities/${entity}/batch`, { writes }, headers),
      };
    },
  };
}

/** `succeeded e1`, or `failed <code>`, of each. */
function outcomes({ status, body }: TestAnswer): string[] {
  assert.equal(status, 200, JSON.stringify(body));
  type Result = { status: string; key?: string; problem?: { code: string } };
  return body.results.map((one: Result) => `${one.status} ${one.problem?.code ?? one.key}`);
}

test("a batch of writes", async (t) => {
  const { host, publisher, vendor, fresh } = await start(t);

  await t.test("takes as few requests as the vendor allows, and answers in order", async () => {
    const { api, connection, batch } = await fresh();
    const { body } = await api.get(`${connection}/entities/entry/schema`);
    assert.deepEqual(body.batch, { most: 3, operations: ["create", "update", "remove"] });
    const made = await batch("entry", [..."abcde"].map(create));
    assert.deepEqual(
      [made.body.succeeded, made.body.failed, made.body.unknown, made.body.notStarted],
      [5, 0, 0, 0],
    );
    const keys: string[] = made.body.results.map(({ key }: { key: string }) => key);
    assert.deepEqual(
      made.body.results.map(({ record }: { record: { text: string } }) => record.text),
      [..."abcde"],
    );
    assert.equal(vendor.requests().length, 2);

    const [one = "", two = "", three = "", four = ""] = keys;
    const writes = [remove(one), create("f"), update(two, "B"), remove(three), update(four, "D")];
    const mixed = await batch("entry", [...writes, { op: "upsert", key: "own", record: { text: "u" } }]);
    assert.deepEqual(
      outcomes(mixed).map((one) => one.split(" ")[0]),
      Array(6).fill("succeeded"),
    );
    assert.deepEqual([...vendor.entries.values()].map(({ text }) => text).sort(), [..."BDefu"]);
    const paths = vendor.requests().map(({ method, path }) => `${method} ${path}`);
    // The two creations and changes go together; of what the batch has not, each alone.
    assert.deepEqual(paths.sort(), [
      `DELETE /entries/${one}`,
      `DELETE /entries/${three}`,
      "POST /entries/batch",
      "POST /entries/batch",
      "PUT /entries/own",
    ]);
  });

  await t.test("is made one by one where the entity has no batch", async () => {
    const { batch } = await fresh();
    const results = outcomes(
      await batch("note", [create("a"), create("refused"), remove("none"), create("b")]),
    );
    assert.match(results[0] ?? "", /^succeeded e\d+$/);
    assert.deepEqual(results.slice(1, 3), ["failed vendor-input-refused", "failed vendor-not-found"]);
    assert.match(results[3] ?? "", /^succeeded e\d+$/);
    assert.equal(vendor.requests().length, 4);
  });

  await t.test("has its own outcome for each, and what does not fit is not sent", async () => {
    const { batch } = await fresh();
    const answer = await batch("entry", [
      create("a"),
      create("refused"),
      create(""),
      { op: "create", key: "own", record: { text: "x" } },
      { op: "update", record: { text: "x" } },
      { op: "remove", key: "a", record: { text: "x" } },
      update("k", "b"),
      remove("k"),
      { op: "update", key: "__proto__", record: { text: "p" } },
    ]);
    const told = outcomes(answer);
    assert.match(told.shift() ?? "", /^succeeded e\d+$/);
    assert.deepEqual(told, [
      "failed vendor-input-refused",
      ...Array(4).fill("failed entity-input-invalid"),
      "succeeded k",
      "failed entity-input-invalid",
      "succeeded __proto__",
    ]);
    const pointers = answer.body.results.map(
      ({ problem }: { problem?: { problems?: { pointer: string }[] } }) =>
        problem?.problems?.map(({ pointer }) => pointer).join(),
    );
    assert.deepEqual(pointers.slice(2, 8), ["/record/text", "/key", "/key", "/record", undefined, "/key"]);
    assert.match(answer.body.results[1].problem.detail, /something wrong/);
    assert.equal(vendor.requests().length, 2);
  });

  await t.test("says of what the vendor did not answer that it is not known", async () => {
    const { batch } = await fresh();
    const many = outcomes(await batch("entry", [..."abc", "d", "hangs up"].map(create)));
    assert.deepEqual(many.slice(3), Array(2).fill("unknown vendor-unavailable"));
    assert.ok(many.slice(0, 3).every((one) => one.startsWith("succeeded ")));
    const single = outcomes(await batch("note", ["a", "hangs up", "refused"].map(create)));
    assert.deepEqual(single.slice(1), ["unknown vendor-unavailable", "failed vendor-input-refused"]);
    // Nothing of it was sent twice.
    assert.equal(vendor.requests().length, 5);

    await batch("entry", [update("a", "a"), update("elsewhere", "b")]);
    const removed = outcomes(await batch("entry", [remove("a"), remove("elsewhere"), remove("none")]));
    assert.deepEqual(removed, ["succeeded a", "unknown egress-refused", "failed vendor-not-found"]);
    assert.equal(vendor.entries.has("elsewhere"), false, "it was deleted");
  });

  await t.test(
    "waits where the vendor asks to slow down, and sends again what nothing was done of",
    async () => {
      const { batch, post } = await fresh();
      const texts = () =>
        vendor.requests().map(({ body }) => ([] as { text: string }[]).concat(body as never));
      const all = outcomes(await batch("entry", [..."ab", "busy", "c"].map(create)));
      assert.match(all.join(" "), /^(succeeded e\d+ ?){4}$/);
      const sent = texts().map((one) => one.map(({ text }) => text).join());
      assert.deepEqual(sent.sort(), ["a,b,busy", "a,b,busy", "c"]);

      vendor.getBusy();
      const actions = ["a", "busy", "b"].map((text) => ({ action: "write", input: { text } }));
      const acted = await post("/batch", { actions, stopOnError: true }, { "Idempotency-Key": "k" });
      assert.equal(acted.body.succeeded, 3, JSON.stringify(acted.body));
      assert.equal(texts().length, 4);
    },
  );

  await t.test("goes on where it is one thing alone that has to wait", async () => {
    const { post } = await fresh();
    const others = Array.from({ length: 30 }, (_, index) => `${index}`);
    const actions = ["in use", ...others].map((text) => ({ action: "write", input: { text } }));
    const { body } = await post("/batch", { actions });
    assert.deepEqual([body.succeeded, body.failed], [30, 1], JSON.stringify(body));
    const { code, retryAfterSeconds } = body.results[0].problem;
    assert.deepEqual([code, retryAfterSeconds], ["vendor-rate-limited", 3_600]);
  });

  await t.test("does not believe a plugin whose answer belongs to other writes", async () => {
    const { batch } = await fresh();
    for (const text of ["fewer", "more", "twice"]) {
      const answer = await batch("entry", ["a", "b", text, "beside"].map(create));
      const results = outcomes(answer);
      assert.deepEqual(results.slice(0, 3), Array(3).fill("unknown entity-output-invalid"), text);
      assert.match(results[3] ?? "", /^succeeded/, text);
      assert.match(answer.body.results[0].problem.detail, /"entry\.batch\.create": Its? /);
    }
    const moved = outcomes(await batch("entry", [update("a", "moved"), update("b", "b")]));
    assert.deepEqual(moved, Array(2).fill("unknown entity-output-invalid"));
    const misfit = await batch("entry", [create("a"), create("misfit")]);
    assert.match(outcomes(misfit)[0] ?? "", /^succeeded/);
    const { status, key, problem } = misfit.body.results[1];
    assert.deepEqual([status, typeof key, problem.code], ["unknown", "string", "entity-output-invalid"]);
  });

  await t.test("outlives a write that ends the plugin", async () => {
    const { batch } = await fresh();
    const first = outcomes(await batch("entry", ["a", "b", "spins first", "d"].map(create)));
    // It had sent nothing: whoever wants may send them again.
    // On a machine that is slow enough its time is up before it is noticed.
    const ended = (status: string) => new RegExp(`^(${status} plugin-(blocked|deadline-exceeded) ?){3}$`);
    assert.match(first.slice(0, 3).join(" "), ended("failed"));
    const then = outcomes(await batch("entry", ["a", "b", "spins then"].map(create)));
    assert.match(then.join(" "), ended("unknown"));
    const texts = [..."abcdefgh", "spins first"];
    const beside = outcomes(await batch("note", texts.map(create)));
    assert.match(beside.at(-1) ?? "", /^failed plugin-(blocked|deadline-exceeded)$/);
    const stored = [...vendor.entries.values()].map(({ text }) => text);
    for (const [index, one] of beside.slice(0, -1).entries()) {
      const isThere = stored.includes(texts[index] ?? "");
      // Those that were under way in the same thread may have gone with it, before or after they were sent.
      assert.ok(one.startsWith("succeeded") ? isThere : /^(failed|unknown) plugin-/.test(one), one);
      if (one.startsWith("failed")) assert.ok(!isThere, one);
    }
  });

  await t.test("is carried out once for a key, each write under one of its own", async () => {
    const { batch } = await fresh();
    const writes = [create("a"), create("a"), { ...create("b"), idempotencyKey: "mine" }];
    const first = await batch("note", writes, { "Idempotency-Key": "k1" });
    const keys = vendor.requests().map(({ idempotencyKey }) => idempotencyKey ?? "");
    assert.equal(new Set(keys).size, 3);
    const again = await batch("note", writes, { "Idempotency-Key": "k1" });
    assert.deepEqual(again.body, first.body);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    assert.equal(vendor.requests().length, 0);
    const other = await batch("note", writes.toReversed(), { "Idempotency-Key": "k1" });
    assert.deepEqual([other.status, other.body.code], [422, "idempotency-key-reused"]);

    // Another batch: the write that has its own key is known to the vendor by that.
    await batch("note", writes.toReversed(), { "Idempotency-Key": "k2" });
    const later = vendor.requests().map(({ idempotencyKey }) => idempotencyKey ?? "");
    assert.equal(keys.filter((key) => later.includes(key)).length, 1);
    // Another tenant's key of the same name is another one.
    const { batch: foreign } = await fresh();
    await foreign("note", writes, { "Idempotency-Key": "k1" });
    assert.ok(vendor.requests().every(({ idempotencyKey }) => !keys.includes(idempotencyKey ?? "")));
  });

  await t.test("is told again in brief where the whole is too large to be kept", async () => {
    const { batch } = await fresh();
    const writes = [create("x".repeat(200_000)), create("y".repeat(200_000)), create("refused")];
    const first = await batch("entry", writes, { "Idempotency-Key": "k" });
    assert.equal(first.body.results[0].record.text.length, 200_000);
    const again = await batch("entry", writes, { "Idempotency-Key": "k" });
    assert.deepEqual(outcomes(again), outcomes(first));
    assert.equal(again.body.results[0].record, undefined);
  });

  await t.test("passes the tenant's other plugins write by write", async () => {
    const { batch, tenant } = await fresh();
    await publishTestPlugin(host.address, publisher, {
      id: "acme/tidy",
      permissions: { hooks: { names: ["record.beforeWrite"], reason: "Tidy what is written" } },
      hooks: {
        "record.beforeWrite": `const { value, operation, entity } = input;
          if (value.text === "drop") return { text: 1 };
          return { text: [operation, entity, value.text].join(" ") };`,
      },
    });
    const asked = await tenant.api.post("/api/v1/installs", { plugin: "acme/tidy" });
    await tenant.api.post("/api/v1/installs", { plugin: "acme/tidy", consent: asked.body.consent });
    const writes = [create("a"), create("drop"), create("b"), update("k", "c")];
    outcomes(await batch("entry", [...writes, { op: "upsert", key: "own", record: { text: "u" } }]));
    assert.deepEqual([...vendor.entries.values()].map(({ text }) => text).sort(), [
      "create entry a",
      "create entry b",
      "drop",
      "update entry c",
      "upsert entry u",
    ]);
  });

  await t.test("is nobody's else, and asks for the scope of writing", async () => {
    const { connection, batch } = await fresh();
    const { tenant: stranger } = await fresh();
    const body = { writes: [create("a")] };
    const refused = await stranger.api.post(`${connection}/entities/entry/batch`, body);
    assert.deepEqual([refused.status, refused.body.code], [404, "connection-not-found"]);
    const reader = await host.tenant(["entities:read"]);
    assert.equal((await reader.api.post(`${connection}/entities/entry/batch`, body)).status, 403);
    for (const name of ["none", "__proto__", "constructor", "entry.batch", "entry.create"])
      assert.equal((await batch(name, body.writes)).body.code, "entity-not-found", name);
    assert.equal(vendor.requests().length, 0);
  });

  await t.test("has a name that no other route can be led to by", async () => {
    const { api, connection, post } = await fresh();
    const fields = JSON.stringify({ writes: [{ key: "a", changes: { text: "b" }, idempotencyKey: "k" }] });
    const init = { headers: { "content-type": "application/json" }, body: fields };
    for (const method of ["PUT", "PATCH", "DELETE"] as const) {
      const sent = method === "DELETE" ? {} : init;
      const answer = await api.send(method, `${connection}/entities/entry.batch/a`, sent);
      assert.deepEqual([answer.status, answer.body.code], [404, "entity-not-found"], method);
    }
    assert.equal((await post("/entities/entry.batch", { text: "a" })).body.code, "entity-not-found");
  });

  await t.test("is refused whole where it is none, before anything is done", async () => {
    const { api, connection, post, batch } = await fresh();
    for (const body of [
      {},
      { writes: [] },
      { writes: Array(1_001).fill(create("a")) },
      { writes: [create("a"), { op: "merge", key: "a" }] },
      { writes: [create("a"), { ...create("b"), id: "x" }] },
      { writes: [{ ...create("a"), idempotencyKey: "a b" }] },
      { writes: [create("a")], stopOnError: true },
    ]) {
      const answer = await post("/entities/note/batch", body);
      assert.deepEqual(
        [answer.status, answer.body.code],
        [422, "invalid-request"],
        JSON.stringify(body).slice(0, 99),
      );
    }
    const huge = { writes: [create("x".repeat(4 * 1024 * 1024))] };
    assert.equal((await post("/entities/note/batch", huge)).status, 413);
    await api.patch(connection, { status: "inactive" });
    assert.equal((await batch("note", [create("a")])).body.code, "connection-inactive");
    assert.equal(vendor.requests().length, 0);
  });

  await t.test("of actions has an outcome for each", async () => {
    const { post } = await fresh();
    const actions = [
      { action: "echo", input: { say: [1] } },
      { action: "write", input: { text: "a" } },
      { action: "write", input: { text: "refused" } },
      { action: "write", input: { text: "hangs up" } },
      { action: "none", input: {} },
      { action: "__proto__", input: {} },
      { action: "entry.create", input: { record: { text: "x" }, idempotencyKey: "k" } },
      { action: "echo", input: 1 },
    ];
    const answer = await post("/batch", { actions });
    const { results, ...counts } = answer.body;
    assert.deepEqual(counts, { succeeded: 2, failed: 5, unknown: 1, notStarted: 0 });
    assert.deepEqual(results[0].output, { say: [1] });
    assert.match(results[0].callId, /^call_/);
    assert.match(results[1].output, /^e\d+$/);
    assert.deepEqual(outcomes(answer).slice(2), [
      "failed vendor-input-refused",
      "unknown vendor-unavailable",
      ...Array(3).fill("failed action-not-found"),
      "failed action-input-invalid",
    ]);
    assert.deepEqual(results[7].problem.problems[0].pointer, "/input");
  });

  await t.test("of actions stops at the first that fails, where it is to", async () => {
    const { post } = await fresh();
    const texts = ["a", "b", "refused", "c", "d"];
    const actions = texts.map((text) => ({ action: "write", input: { text } }));
    const answer = await post("/batch", { actions, stopOnError: true });
    assert.deepEqual(outcomes(answer).slice(2), [
      "failed vendor-input-refused",
      ...Array(2).fill("not-started batch-stopped"),
    ]);
    assert.deepEqual(
      vendor.requests().map(({ body }) => (body as { text: string }).text),
      ["a", "b", "refused"],
    );
  });

  await t.test("of actions begins nothing more once its answer is full", async () => {
    const { post } = await fresh();
    const actions = Array(4).fill({ action: "large", input: { length: 3 * 1024 * 1024 } });
    const { body } = await post("/batch", { actions, stopOnError: true });
    assert.deepEqual([body.succeeded, body.notStarted], [3, 1]);
    assert.match(body.results[3].problem.detail, /fills the answer/);
  });

  await t.test("of actions is carried out once for a key, and told again without what it gave", async () => {
    const { post } = await fresh();
    const actions = [
      { action: "write", input: { text: "a" } },
      { action: "large", input: { length: 300_000 } },
      { action: "write", input: { text: "refused" } },
    ];
    const key = { "Idempotency-Key": "k" };
    const first = await post("/batch", { actions }, key);
    const again = await post("/batch", { actions }, key);
    assert.equal(vendor.requests().length, 2);
    assert.equal(again.headers.get("idempotent-replayed"), "true");
    const statuses = (answer: TestAnswer) => answer.body.results.map((one: { status: string }) => one.status);
    assert.deepEqual(statuses(again), statuses(first));
    assert.equal(again.body.results[0].output, undefined);
  });

  await t.test("of actions is nobody's else, and is refused whole where it is none", async () => {
    const { post, connection } = await fresh();
    const { api: stranger } = await fresh();
    const actions = [{ action: "write", input: { text: "a" } }];
    const refused = await stranger.post(`${connection}/batch`, { actions });
    assert.deepEqual([refused.status, refused.body.code], [404, "connection-not-found"]);
    const writer = await host.tenant(["entities:write"]);
    assert.equal((await writer.api.post(`${connection}/batch`, { actions })).status, 403);
    for (const body of [
      { actions: [] },
      { actions: Array(1_001).fill(actions[0]) },
      { actions: [{ ...actions[0], connectionId: "con_other" }] },
      { actions: [{ action: "write" }] },
      { actions, stopOnError: 1 },
    ])
      assert.equal(
        (await post("/batch", body)).body.code,
        "invalid-request",
        JSON.stringify(body).slice(0, 99),
      );
    assert.equal(vendor.requests().length, 0);
  });

  await t.test("does not say of what may be done that it can be sent again", async () => {
    const { api, batch, installId } = await fresh();
    await publishTestPlugin(host.address, publisher, { ...ledgerPlugin, version: "2.0.0" });
    const held = batch("note", [create("held")]);
    await vendor.isHolding;
    const moved = await api.patch(`/api/v1/installs/${installId}`, { range: "2.0.0" });
    assert.equal(moved.status, 200, JSON.stringify(moved.body));
    const answer = await held;
    assert.deepEqual(outcomes(answer), ["unknown plugin-replaced"]);
    const { retryable, retryAfterSeconds, detail } = answer.body.results[0].problem;
    assert.deepEqual([retryable, retryAfterSeconds], [false, undefined]);
    assert.match(detail, /look there, at the vendor/);
    vendor.release();
  });

  assert.ok(!host.logged().includes('"status":500'));
  assert.ok(!host.logged().includes("a part of a batch failed"));
});
