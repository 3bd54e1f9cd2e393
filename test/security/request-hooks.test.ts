/** A plugin that may look at requests and replies tries to get more out of it than that. */
import assert from "node:assert/strict";
import test from "node:test";
import pg from "pg";
import { connect } from "../support/host.ts";
import {
  type HookScript,
  hookRuns,
  installHooks,
  sender,
  startScene,
  vendorHost,
  vendorKey,
} from "../support/scripted-hooks.ts";

const url = (path: string) => `https://${vendorHost}${path}`;
const MiB = 1024 * 1024;
const headers = { "content-type": "application/json", "idempotency-key": "wish-1" };
const query = JSON.stringify({ query: "{ shop { name } }" });
const mutation = JSON.stringify({ query: "mutation { orderDelete(id: 1) { id } }" });

test("plugins with hooks on requests and replies", async (t) => {
  const { host, vendor } = await startScene(t, {
    sandboxLimits: { fetchRequestBytes: MiB, fetchResponseBytes: MiB },
    auth: { type: "apiKey", in: "header", name: "X-Shop-Token" },
    requests: {
      graphql: { paths: ["/v1/graphql"] },
      retries: {
        delayMs: 1,
        jitter: "none",
        idempotencyKey: { header: "Idempotency-Key", generate: true },
      },
    },
  });
  const tenant = await host.tenant();
  const { connectionId } = await connect(tenant, "acme/shop", { key: vendorKey });
  const send = sender(tenant, connectionId);
  const spy = await installHooks(tenant, "acme/skips");
  const requestDoes = (script: HookScript) => spy.script({ "request.before": script });
  const replyDoes = (script: HookScript) => spy.script({ "response.after": script });

  const order = { url: url("/v1/orders?page=1"), method: "POST", headers, body: '{"amount":1}' };

  await t.test(
    "they see no credential: not in requests, not in replies that echo it, not a caller's own",
    async () => {
      vendor.answer.now = (seen, response) =>
        response
          .writeHead(200, { "x-echo": String(seen.headers["x-shop-token"]) })
          .end(JSON.stringify(seen.headers));
      await requestDoes({ tells: true });
      await send({ ...order, headers: { ...headers, "X-Shop-Token": "placeholder-of-the-plugin" } });
      assert.equal(vendor.seen.at(-1)?.headers["x-shop-token"], vendorKey);
      assert.doesNotMatch(JSON.stringify(await spy.told()), /key-of-the-company|placeholder|x-shop-token/);
      await tenant.api.send("GET", `/api/v1/connections/${connectionId}/proxy/v1/me`, {
        headers: { "X-Shop-Token": "token-of-the-caller", cookie: "session=of-the-caller" },
      });
      const told = JSON.stringify(await spy.told());
      assert.doesNotMatch(told, /of-the-caller|Bearer/);
      assert.ok(!told.includes(tenant.key));
      await replyDoes({ tells: true });
      const { reply } = await send({ url: url("/v1/me") });
      assert.match(reply.text, /REDACTED|\*\*\*|redacted/i);
      assert.doesNotMatch(JSON.stringify(await spy.told()), /key-of-the-company/);
      assert.ok(!host.logged().includes(vendorKey));
    },
  );

  const badRequests: [what: string, answer: HookScript, request?: object][] = [
    ["another host", { answer: { url: "https://evil.test/v1/orders" } }],
    ["another port", { answer: { url: `https://${vendorHost}:8443/v1/orders` } }],
    ["another scheme", { answer: { url: `http://${vendorHost}/v1/orders` } }],
    ["a user name in the URL", { answer: { url: `https://evil@${vendorHost}/v1/orders` } }],
    ["a path that is not granted", { answer: { url: url("/admin") } }],
    ["another path that is", { answer: { url: url("/v1/refunds") } }],
    ["a path that reads as another", { answer: { url: url("/v1/orders/../refunds") } }],
    ["an URL that is none", { answer: { url: 7 } }],
    ["another method", { answer: { method: "PUT" } }],
    ["no method", { answer: { method: null } }],
    ["the credential's header", { headers: { "x-shop-token": "stolen" } }],
    ["the credential's header as CGI writes it", { headers: { X_Shop_Token: "stolen" } }],
    ["another authorization", { headers: { authorization: "Bearer stolen" } }],
    ["the host", { headers: { host: "evil.test" } }],
    ["the length", { headers: { "content-length": "1" } }],
    ["the framing", { headers: { "transfer-encoding": "chunked" } }],
    ["cookies", { headers: { cookie: "a=b" } }],
    ["another method behind a header", { headers: { "x-http-method-override": "DELETE" } }],
    ["another host behind a header", { headers: { "x-forwarded-host": "evil.test" } }],
    ["the compression that the scrubber reads", { headers: { "accept-encoding": "exotic" } }],
    ["a header within a header", { headers: { "x-a": "1\r\nauthorization: Bearer stolen" } }],
    ["a header that is no text", { headers: { "x-a": 1 as never } }],
    [
      "too many headers",
      { headers: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`x-${i}`, "1"])) },
    ],
    ["headers that are none", { answer: { headers: [["x-a", "1"]] } }],
    ["another idempotency key", { headers: { "idempotency-key": "always-the-same" } }],
    ["another idempotency key as CGI writes it", { headers: { idempotency_key: "always-the-same" } }],
    ["no idempotency key", { answer: { headers: { "content-type": "application/json" } } }],
    ["a member that there is not", { answer: { redirect: "follow" } }],
    ["two bodies", { answer: { text: "{}" } }],
    ["a body that is not handed over", { answer: { withheld: "large" } }],
    ["a body beyond the cap", { fills: 2 * MiB }],
    ["a body for a GET", { answer: { json: { a: 1 } } }, { url: url("/v1/orders"), method: "GET" }],
    [
      "a write in the place of a read",
      { answer: { json: JSON.parse(mutation) } },
      {
        url: url("/v1/graphql"),
        method: "POST",
        headers: { "content-type": "application/json" },
        body: query,
      },
    ],
  ];

  for (const [what, script, request = order] of badRequests)
    await t.test(`they cannot change a request's: ${what}`, async () => {
      vendor.answer.now = (_, response) => response.end("ok");
      await requestDoes(script);
      const [from, before] = [vendor.seen.length, await hookRuns(host)];
      await send(request as typeof order);
      const [seen, ...more] = vendor.seen.slice(from);
      assert.deepEqual(more, []);
      const { method, body = "" } = request as typeof order;
      assert.equal(seen?.line, `${method} ${(request as typeof order).url.slice(url("").length)}`);
      assert.equal(seen?.body, body);
      assert.equal(seen?.headers["x-shop-token"], vendorKey);
      assert.equal(seen?.headers.host, vendorHost);
      const said = JSON.stringify(seen?.headers);
      assert.doesNotMatch(said, /stolen|always-the-same|evil|x-http-method|exotic|"x-a"|"x-1"/);
      const after = await hookRuns(host);
      const changed = "request.before acme/skips changed";
      assert.equal(after.get(changed), before.get(changed), "nothing of it was taken");
    });

  await t.test("they cannot have a write sent twice", async () => {
    let failures = 1;
    vendor.answer.now = (_, response) => response.writeHead(failures-- > 0 ? 503 : 200).end("{}");
    await requestDoes({ answer: { json: JSON.parse(query) } });
    const from = vendor.seen.length;
    const request = { url: url("/v1/graphql"), method: "POST", headers: {}, body: mutation };
    const sent = await tenant.api.send("POST", `/api/v1/connections/${connectionId}/proxy/v1/graphql`, {
      headers: { "content-type": "application/json" },
      body: request.body,
    });
    const seen = vendor.seen.slice(from);
    assert.ok(
      seen.every(({ body }) => body === mutation),
      "a mutation stays what it was",
    );
    // The key that the host gave it is what the vendor knows it by, and no hook had a hand in it.
    assert.equal(new Set(seen.map(({ headers: of }) => of["idempotency-key"])).size, 1);
    assert.ok(sent.status === 200 || sent.status === 503);
  });

  const badReplies: [what: string, answer: HookScript][] = [
    ["the status", { answer: { status: 200 } }],
    ["cookies", { headers: { "set-cookie": "a=b" } }],
    ["the length", { headers: { "content-length": "1" } }],
    ["the compression", { headers: { "content-encoding": "gzip" } }],
    ["the framing", { headers: { "transfer-encoding": "chunked" } }],
    ["a header within a header", { headers: { "x-a": "1\r\nset-cookie: a=b" } }],
    ["a name that is none", { headers: { "x a": "1" } }],
    [
      "too many headers",
      { headers: Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`x-${i}`, "1"])) },
    ],
    ["the URL", { answer: { url: "https://evil.test/" } }],
    ["a body beyond the cap", { fills: 2 * MiB }],
    ["something that is no reply", { answer: { headers: null } }],
  ];

  for (const [what, script] of badReplies)
    await t.test(`they cannot change a reply's: ${what}`, async () => {
      vendor.answer.now = (_, response) => response.writeHead(402, { "x-own": "1" }).end('{"id":"1"}');
      await replyDoes(script);
      const { reply } = await send({ url: url("/v1/orders") });
      assert.equal(reply.status, 402);
      assert.equal(reply.text, '{"id":"1"}');
      assert.equal(reply.headers["x-own"], "1");
      assert.doesNotMatch(JSON.stringify(reply.headers), /set-cookie|content-encoding|"x-a"|"x-1"/);
    });

  await t.test("a reply without a body is given none", async () => {
    vendor.answer.now = (_, response) => response.writeHead(204).end();
    await replyDoes({ answer: { json: { made: "up" } } });
    assert.equal((await send({ url: url("/v1/orders") })).reply.text, "");
  });

  await t.test(
    "they have no vendor to call, and are not asked about their own plugin's requests",
    async () => {
      vendor.answer.now = (_, response) => response.end("ok");
      await requestDoes({ fetches: url("/v1/steal"), headers: { "x-company": "c0mpany" } });
      const from = vendor.seen.length;
      await send({ url: url("/v1/orders") });
      assert.equal(await spy.told(), "capability-not-granted");
      assert.deepEqual(
        vendor.seen.slice(from).map(({ line }) => line),
        ["GET /v1/orders"],
      );
      await spy.send({ url: url("/v1/own") });
      assert.equal(vendor.seen.at(-1)?.headers["x-company"], undefined);
    },
  );

  await t.test("nothing of another tenant comes by, and nothing of theirs is changed", async () => {
    await spy.script({ "request.before": { tells: true, headers: { "x-company": "c0mpany" } } });
    const stranger = await host.tenant();
    const theirs = await connect(stranger, "acme/shop", { key: "key-of-somebody-else-012345" });
    const toldBefore = await spy.told();
    const runs = await hookRuns(host);
    const { callId } = await sender(stranger, theirs.connectionId)({ url: url("/v1/theirs") });
    assert.equal(vendor.seen.at(-1)?.headers["x-company"], undefined);
    assert.deepEqual(await spy.told(), toldBefore);
    assert.deepEqual(await hookRuns(host), runs);
    assert.deepEqual((await tenant.api.get(`/api/v1/hook-changes?callId=${callId}`)).body.items, []);
  });

  await t.test(
    "one that must not be missed is not, when its install cannot be believed any more",
    async () => {
      await requestDoes({});
      const { installId, script } = await installHooks(tenant, "acme/refuses");
      await script({ "response.after": { answer: {} } });
      assert.equal((await send({ url: url("/v1/orders") })).status, 200);
      const database = new pg.Client({ connectionString: host.databaseUrl });
      await database.connect();
      t.after(() => database.end());
      await database.query("update core.installs set receipt = 'forged' where id = $1", [installId]);
      await database.end();
      await tenant.api.patch(`/api/v1/installs/${spy.installId}`, { status: "disabled" });
      const from = vendor.seen.length;
      assert.equal((await send({ url: url("/v1/orders") })).problem.code, "hook-refused");
      assert.equal(vendor.seen.length, from);
    },
  );
});
