/** Plugins that look at what a tenant's other plugins send to their vendors, and at what these answer. */
import assert from "node:assert/strict";
import test from "node:test";
import { connect } from "../support/host.ts";
import {
  hookRuns,
  installHooks,
  sender,
  startScene,
  vendorHost,
  vendorKey,
} from "../support/scripted-hooks.ts";

const url = (path: string) => `https://${vendorHost}${path}`;
const json = { "content-type": "application/json" };

test("request and reply hooks", async (t) => {
  const { host, vendor } = await startScene(t, {
    requests: {
      cache: [{ paths: ["/v1/kept"], defaultSeconds: 60 }],
      retries: { delayMs: 1, jitter: "none" },
    },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/shop", { key: vendorKey });
  const send = sender(tenant, connectionId);
  const proxy = (method: string, path: string, init = {}) =>
    tenant.api.send(method, `/api/v1/connections/${connectionId}/proxy/${path}`, init);
  const says = (body: unknown, headers = {}) => {
    vendor.answer.now = (_, response) =>
      response.writeHead(200, { ...json, ...headers }).end(JSON.stringify(body));
  };
  const changes = async (callId: string) =>
    (await tenant.api.get(`/api/v1/hook-changes?callId=${callId}`)).body.items as {
      hook: string;
      plugin: string;
      patch: object[];
    }[];

  await t.test("without a plugin that has them nothing is looked at", async () => {
    assert.equal((await send({ url: url("/v1/items") })).reply.text, "ok");
    assert.equal((await proxy("GET", "v1/items")).body, "ok");
    assert.deepEqual(await hookRuns(host), new Map());
  });

  const skips = await installHooks(tenant, "acme/skips");

  await t.test("a request goes out as they leave it, with the credential that they never see", async () => {
    await skips.script({
      "request.before": { tells: true, headers: { "x-company": "c0mpany" }, json: { stamped: true } },
    });
    says({ id: "1" });
    const { reply, callId } = await send({
      url: url("/v1/items?page=2"),
      method: "POST",
      headers: json,
      body: '{"name":"Lamp"}',
    });
    assert.equal(reply.status, 200);
    const seen = vendor.seen.at(-1);
    assert.equal(seen?.line, "POST /v1/items?page=2");
    assert.equal(seen?.headers["x-company"], "c0mpany");
    assert.equal(seen?.headers.authorization, `Bearer ${vendorKey}`);
    assert.equal(seen?.body, '{"name":"Lamp","stamped":true}');
    assert.deepEqual(await skips.told(), {
      plugin: "acme/shop",
      connectionId,
      value: {
        method: "POST",
        url: url("/v1/items?page=2"),
        headers: json,
        json: { name: "Lamp" },
      },
    });
    const recorded = (await changes(callId)).map(({ hook, plugin, patch }) => ({ hook, plugin, patch }));
    assert.deepEqual(recorded, [
      {
        hook: "request.before",
        plugin: "acme/skips",
        patch: [
          { op: "add", path: "/json/stamped", value: true },
          { op: "add", path: "/headers/x-company", value: "(not kept)" },
        ],
      },
    ]);
  });

  await t.test("what is done to all of a call's requests is recorded once", async () => {
    const path = `/api/v1/connections/${connectionId}/actions/send-twice`;
    const from = vendor.seen.length;
    const { body } = await tenant.api.post(path, { input: { url: url("/v1/items") } });
    assert.deepEqual(
      vendor.seen.slice(from).map(({ headers }) => headers["x-company"]),
      ["c0mpany", "c0mpany"],
    );
    assert.equal((await changes(body.callId)).length, 1);
  });

  await t.test("a raw call through the proxy goes the same way", async () => {
    const answer = await proxy("POST", "v1/items", { headers: json, body: '{"id":12345678901234567890}' });
    assert.deepEqual(answer.body, { id: "1" });
    assert.equal(vendor.seen.at(-1)?.headers["x-company"], "c0mpany");
    // An id that JavaScript would round stays what it was.
    assert.equal(vendor.seen.at(-1)?.body, '{"id":12345678901234567890,"stamped":true}');
  });

  await t.test(
    "so does the check of whether the credential works, whose reply nobody else gets",
    async () => {
      await skips.script({ "request.before": { headers: { "x-company": "c0mpany" } } });
      const before = await hookRuns(host);
      assert.equal((await tenant.api.post(`/api/v1/connections/${connectionId}/test`)).status, 200);
      const after = await hookRuns(host);
      assert.equal(after.get("response.after acme/skips ok"), before.get("response.after acme/skips ok"));
    },
  );

  await t.test("a query is theirs to add, and the plugin hears of the URL that it asked for", async () => {
    await skips.script({ "request.before": { answer: { url: url("/v1/items?account=7") } } });
    const { reply } = await send({ url: url("/v1/items") });
    assert.equal(vendor.seen.at(-1)?.line, "GET /v1/items?account=7");
    assert.equal(reply.url, url("/v1/items"));
  });

  await t.test("a reply is what they leave of it, for the plugin and for callers of the proxy", async () => {
    await skips.script({
      "response.after": { tells: true, json: { email: "***" }, headers: { "x-masked": "email" } },
    });
    says({ id: "1", email: "ann@example.com" }, { "x-trace": "t1" });
    const { reply, callId } = await send({ url: url("/v1/items/1") });
    assert.equal(reply.text, '{"id":"1","email":"***"}');
    assert.equal(reply.headers["x-masked"], "email");
    assert.equal(reply.headers["x-trace"], "t1");
    assert.deepEqual((await proxy("GET", "v1/items/1")).body, { id: "1", email: "***" });
    assert.deepEqual((await changes(callId))[0]?.patch, [
      { op: "replace", path: "/json/email", value: "***" },
      { op: "add", path: "/headers/x-masked", value: "(not kept)" },
    ]);
    const told = (await skips.told()) as { request: object; value: { status: number; json: object } };
    assert.deepEqual(told.request, { method: "GET", url: url("/v1/items/1") });
    assert.equal(told.value.status, 200);
  });

  await t.test("nor do the names under which something stood that are no fields'", async () => {
    await skips.script({ "response.after": { json: { users: { first: { isActive: true } } } } });
    says({ users: { "ann@example.com": { isActive: true }, "+491701234567": { isActive: false } } });
    const { reply, callId } = await send({ url: url("/v1/people") });
    assert.equal(reply.text, '{"users":{"first":{"isActive":true}}}');
    const { patch } = (await changes(callId))[0] ?? {};
    assert.doesNotMatch(JSON.stringify(patch), /ann@|491701234567/);
    assert.match(JSON.stringify(patch), /\/json\/users\/\(not kept\)/);
  });

  await t.test("what they took out of a reply does not stand in the record of that", async () => {
    await skips.script({ "response.after": { json: { people: ["Bob"] } } });
    says({ people: ["Ann", "Bob"] });
    const { reply, callId } = await send({ url: url("/v1/people") });
    assert.equal(reply.text, '{"people":["Bob"]}');
    const patch = JSON.stringify((await changes(callId))[0]?.patch);
    assert.ok(
      patch.includes('"path":"/json/people/0"') && !patch.includes("Ann") && !patch.includes("Bob"),
      patch,
    );
  });

  await t.test(
    "replies that are kept are the vendor's, of that very request, and looked at each time",
    async () => {
      await skips.script({});
      says({ email: "ann@example.com" });
      const kept = () => send({ url: url("/v1/kept") }).then(({ reply }) => reply.text as string);
      const asked = () => vendor.seen.filter(({ line }) => line === "GET /v1/kept").length;
      assert.equal(await kept(), '{"email":"ann@example.com"}');
      await skips.script({ "response.after": { json: { email: "***" } } });
      assert.equal(await kept(), '{"email":"***"}', "kept from before there was a mask");
      assert.equal(asked(), 1);
      says({ email: "bob@example.com" });
      await skips.script({ "request.before": { headers: { "x-account": "bobs" } } });
      assert.equal(await kept(), '{"email":"bob@example.com"}', "another account's");
      assert.equal(await kept(), '{"email":"bob@example.com"}');
      assert.equal(asked(), 2);
      await skips.script({});
      assert.equal(await kept(), '{"email":"ann@example.com"}', "as it was asked for first");
      assert.equal(asked(), 2);
    },
  );

  await t.test("they look at a request once, however often it is sent", async () => {
    await skips.script({ "request.before": { headers: { "x-company": "c0mpany" } } });
    let failures = 2;
    vendor.answer.now = (_, response) => response.writeHead(failures-- > 0 ? 503 : 200).end("{}");
    const before = (await hookRuns(host)).get("request.before acme/skips changed") ?? 0;
    const from = vendor.seen.length;
    assert.equal((await send({ url: url("/v1/again") })).reply.status, 200);
    const sent = vendor.seen.slice(from);
    assert.deepEqual(
      sent.map(({ headers }) => headers["x-company"]),
      ["c0mpany", "c0mpany", "c0mpany"],
    );
    assert.equal((await hookRuns(host)).get("request.before acme/skips changed"), before + 1);
  });

  await t.test("one that fails is skipped and logged", async () => {
    await skips.script({
      "request.before": { throws: "not my day" },
      "response.after": { throws: "nor mine" },
    });
    says({ id: "1" });
    assert.equal((await send({ url: url("/v1/items") })).reply.text, '{"id":"1"}');
    assert.ok(host.logged().includes("a hook failed and was skipped"));
    await skips.script({});
  });

  await t.test("large and binary bodies are not handed over, and pass as they are", async () => {
    await skips.script({ "response.after": { tells: true, headers: { "x-seen": "yes" } } });
    const large = JSON.stringify({ text: "x".repeat(300 * 1024) });
    for (const [body, withheld] of [
      [Buffer.from(large), "large"],
      [Buffer.from([0xff, 0xfe, 0x00]), "binary"],
      [Buffer.from(`${"[".repeat(60)}${"]".repeat(60)}`), "large"],
    ] as const) {
      vendor.answer.now = (_, response) => response.end(body);
      const { reply } = await send({ url: url("/v1/file") });
      assert.equal(reply.headers["x-seen"], "yes");
      if (withheld === "large") assert.equal(reply.text, body.toString());
      const { value } = (await skips.told()) as { value: { [member: string]: unknown } };
      assert.deepEqual([value.withheld, value.json, value.text], [withheld, undefined, undefined]);
    }
    await skips.script({});
  });

  const refuses = await installHooks(tenant, "acme/refuses");

  await t.test("where one must not be missed, what it fails at is refused", async () => {
    says({ id: "1", email: "ann@example.com" });
    await refuses.script({ "request.before": { throws: "no" } });
    const from = vendor.seen.length;
    const unsent = await send({ url: url("/v1/items"), method: "POST", headers: json, body: "{}" });
    assert.equal(unsent.status, 502);
    assert.equal(unsent.problem.code, "hook-refused");
    assert.match(unsent.problem.detail, /acme\/refuses .*request\.before.*was not sent/);
    assert.equal(vendor.seen.length, from);
    await refuses.script({ "response.after": { throws: "no" } });
    const unheard = await send({ url: url("/v1/items"), method: "POST", headers: json, body: "{}" });
    assert.equal(unheard.problem.code, "hook-refused");
    assert.match(unheard.problem.detail, /The vendor was asked/);
    assert.ok(!JSON.stringify(unheard.problem).includes("ann@example.com"));
    assert.equal(vendor.seen.length, from + 1, "and nothing was repeated");
    const raw = await proxy("GET", "v1/items");
    assert.deepEqual(
      [raw.status, raw.body.code, raw.body.reason],
      [502, "hook-refused", "fetch-hook-refused"],
    );
    assert.ok(!JSON.stringify(raw.body).includes("ann@example.com"));
  });

  await t.test("an action too, whose input it has to have seen", async () => {
    await refuses.script({ "action.beforeRun": { throws: "no" } });
    const from = vendor.seen.length;
    const { status, problem } = await send({ url: url("/v1/items") });
    assert.deepEqual(
      [status, problem.code, problem.plugin, problem.hook, problem.reason],
      [502, "hook-refused", "acme/refuses", "action.beforeRun", "plugin-failed"],
    );
    assert.equal(vendor.seen.length, from);
  });

  await t.test("and so is what it was not shown, unless it answers to let it pass", async () => {
    vendor.answer.now = (_, response) => response.end(Buffer.from([0xff, 0xd8]));
    await refuses.script({});
    assert.equal((await send({ url: url("/v1/photo") })).problem.code, "hook-refused");
    await refuses.script({ "response.after": { answer: {} } });
    assert.equal((await send({ url: url("/v1/photo") })).reply.status, 200);
    // One before it cannot keep from it that there was something.
    await skips.script({ "response.after": { drops: ["withheld"], headers: { "x-hidden": "yes" } } });
    await refuses.script({ "response.after": { tells: true, answer: {} } });
    const { reply } = await send({ url: url("/v1/photo") });
    assert.equal(reply.headers["x-hidden"], undefined);
    assert.equal(((await refuses.told()) as { value: { withheld: string } }).value.withheld, "binary");
    await skips.script({});
  });

  await t.test("a burst waits for it, and none of it gets past", async () => {
    says({ email: "ann@example.com" });
    await refuses.script({ "response.after": { json: { email: "***" } } });
    const burst = await Promise.all(Array.from({ length: 150 }, () => proxy("GET", "v1/items")));
    assert.deepEqual(new Set(burst.map(({ body }) => JSON.stringify(body))), new Set(['{"email":"***"}']));
  });

  await t.test("until the tenant switches it off", async () => {
    await refuses.script({ "request.before": { throws: "no" } });
    await tenant.api.patch(`/api/v1/installs/${refuses.installId}`, { status: "disabled" });
    assert.equal((await send({ url: url("/v1/items") })).status, 200);
  });
});
