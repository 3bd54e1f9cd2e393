/** Raw calls to the vendor: with the connection's credential, within the plugin's permissions, and no further. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect as dial } from "node:net";
import test, { type TestContext } from "node:test";
import { connect, startTestHost } from "../support/host.ts";
import { publishTestPlugin, registerPublisher } from "../support/plugin.ts";

const MiB = 1024 * 1024;
const key = "sk_live_0123456789abcdef";

interface Seen {
  line: string;
  headers: IncomingMessage["headers"];
  body: string;
}

async function startVendor(t: TestContext) {
  const seen: Seen[] = [];
  const answer: { now(response: ServerResponse): void } = { now: (response) => response.end("ok") };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request
      .on("data", (chunk) => chunks.push(chunk))
      .on("end", () => {
        const line = `${request.method} ${request.headers.host}${request.url}`;
        seen.push({ line, headers: request.headers, body: Buffer.concat(chunks).toString() });
        answer.now(response);
      });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { seen, answer, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

test("a tenant calls its vendor as it is", async (t) => {
  const vendor = await startVendor(t);
  const hosts = ["api.vendor.test", "files.vendor.test", "other.test", "eu.vendor.test"];
  const host = await startTestHost(t, {
    isolation: "thread",
    egressRewrite: Object.fromEntries(hosts.map((name) => [name, vendor.origin])),
    sandboxLimits: { fetchResponseBytes: 32 * MiB, fetchBufferBytesPerTenant: 40 * MiB },
  });
  const publisher = await registerPublisher(host.address, "acme");
  await publishTestPlugin(host.address, publisher, {
    id: "acme/vendor",
    actions: { nothing: { run: "return 1;" } },
    permissions: {
      network: [
        { hosts: ["files.vendor.test"], methods: ["GET"], credential: false, reason: "Public files" },
        {
          hosts: ["api.vendor.test"],
          methods: ["GET", "HEAD", "POST", "DELETE"],
          paths: ["/v1/**"],
          reason: "The API",
        },
        { hosts: ["{region}.vendor.test"], methods: ["GET"], reason: "The region" },
      ],
    },
    manifest: {
      connection: {
        config: {
          type: "object",
          required: ["region"],
          properties: { region: { type: "string", pattern: "^[a-z0-9-]+$" } },
          additionalProperties: false,
        },
      },
    },
  });
  const tenant = await host.tenant();
  const { connectionId, installId } = await connect(tenant, "acme/vendor", { key, config: { region: "eu" } });
  const connectAgain = async () => {
    const auth = { type: "apiKey", key };
    const made = await tenant.api.post("/api/v1/connections", {
      installId,
      name: "b",
      config: { region: "eu" },
      auth,
    });
    return { connectionId: made.body.id as string };
  };
  const base = `/api/v1/connections/${connectionId}/proxy`;
  const send = (method: string, path: string, init?: Parameters<typeof tenant.api.send>[2]) =>
    tenant.api.send(method, `${base}/${path}`, init);
  const metrics = async () => String((await host.admin.get("/metrics")).body);
  const last = () => vendor.seen.at(-1) ?? assert.fail("the vendor has seen nothing");

  await t.test("method, path, query, body and headers arrive; the credential is added", async () => {
    vendor.answer.now = (response) =>
      response
        .writeHead(201, { "content-type": "application/x-vendor", "x-vendor": "1" })
        .end(`made with ${key}`);
    const answer = await send("POST", "v1/things/a%20b?x=1&x=2&flag", {
      headers: { "content-type": "text/csv", "Vendor-Version": "2026-01", "idempotency-key": "k1" },
      body: "a,b",
    });
    assert.deepEqual([answer.status, answer.body], [201, "made with [redacted]"]);
    assert.equal(answer.headers.get("content-type"), "application/x-vendor");
    assert.equal(answer.headers.get("x-vendor"), "1");
    const { line, headers, body } = last();
    assert.deepEqual([line, body], ["POST api.vendor.test/v1/things/a%20b?x=1&x=2&flag", "a,b"]);
    assert.equal(headers.authorization, `Bearer ${key}`);
    assert.deepEqual(
      [headers["content-type"], headers["vendor-version"], headers["idempotency-key"]],
      ["text/csv", "2026-01", "k1"],
    );
    assert.doesNotMatch(host.logged(), new RegExp(key));
  });

  await t.test("the vendor's own errors come through as they are", async () => {
    vendor.answer.now = (response) =>
      response.writeHead(404, { "content-type": "application/json" }).end('{"no":1}');
    const answer = await send("GET", "v1/nothing");
    assert.deepEqual([answer.status, answer.body], [404, { no: 1 }]);
  });

  await t.test("another of the plugin's hosts is named, and gets the credential only if it may", async () => {
    vendor.answer.now = (response) => response.end("ok");
    await send("GET", "a", { headers: { "plugboard-host": "files.vendor.test" } });
    assert.deepEqual([last().line, last().headers.authorization], ["GET files.vendor.test/a", undefined]);
    await send("GET", "a", { headers: { "plugboard-host": "eu.vendor.test" } });
    assert.deepEqual([last().line, last().headers.authorization], ["GET eu.vendor.test/a", `Bearer ${key}`]);
    assert.equal(last().headers["plugboard-host"], undefined);
  });

  await t.test("a redirect is the answer: it is followed nowhere", async () => {
    vendor.answer.now = (response) => response.writeHead(302, { location: "https://other.test/steal" }).end();
    const before = vendor.seen.length;
    const answer = await fetch(`${host.address}${base}/v1/away`, {
      headers: { authorization: `Bearer ${tenant.key}` },
      redirect: "manual",
    });
    assert.deepEqual([answer.status, answer.headers.get("location")], [302, "https://other.test/steal"]);
    assert.equal(vendor.seen.length, before + 1);
    vendor.answer.now = (response) => response.end("ok");
  });

  await t.test("nothing is sent", async (t) => {
    const refused: [what: string, method: string, path: string, headers?: Record<string, string>][] = [
      ["under another method", "PUT", "v1/a"],
      ["to another path", "GET", "v2/a"],
      ["to a host that is not the plugin's", "GET", "a", { "plugboard-host": "other.test" }],
      ["to a host with more in it", "GET", "v1/a", { "plugboard-host": "api.vendor.test@other.test" }],
      ["to a host with a port", "GET", "v1/a", { "plugboard-host": "api.vendor.test:444" }],
      ["to an address", "GET", "v1/a", { "plugboard-host": "127.0.0.1" }],
      ["to an encoded slash", "GET", "v1%2f..%2fadmin"],
      ["to encoded dots", "GET", "v1/%2e%2e/admin"],
      ["to a backslash", "GET", "v1/%5cadmin"],
      ["to an empty segment", "GET", "v1//admin"],
      ["to another host's path", "GET", "/other.test/v1"],
      ["with an encoded line break", "GET", "v1/a%0d%0aHost:%20other.test"],
      ["with an encoded control character", "GET", "v1/a%01"],
    ];
    for (const [what, method, path, headers = {}] of refused) {
      await t.test(what, async () => {
        const before = vendor.seen.length;
        const answer = await send(method, path, { headers });
        assert.deepEqual(
          [answer.status, answer.body.code],
          [403, "proxy-refused"],
          JSON.stringify(answer.body),
        );
        assert.equal(vendor.seen.length, before);
      });
    }
  });

  await t.test("raw request lines lead nowhere else", async () => {
    const authorization = `Authorization: Bearer ${tenant.key}\r\nHost: localhost\r\nConnection: close\r\n`;
    const raw = async (bytes: string) => {
      const { port } = new URL(host.address);
      const socket = dial(Number(port), "127.0.0.1");
      socket.end(bytes);
      const chunks: Buffer[] = [];
      for await (const chunk of socket) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks).toString();
    };
    const before = vendor.seen.length;
    for (const target of [
      `${base}/v1/../../admin`,
      `${base}/../proxy/https://other.test/`,
      `${base}/v1\\admin`,
    ]) {
      const answer = await raw(`GET ${target} HTTP/1.1\r\n${authorization}\r\n`);
      assert.doesNotMatch(answer, /^HTTP\/1.1 200/, target);
    }
    assert.equal(vendor.seen.length, before);
    await raw(`GET https://other.test${base}/v1/a HTTP/1.1\r\n${authorization}\r\n`);
    assert.equal(last().line, "GET api.vendor.test/v1/a", "the target's own host counts for nothing");
    const smuggled = `POST ${base}/v1/a HTTP/1.1\r\n${authorization}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /admin HTTP/1.1\r\n\r\n`;
    const count = vendor.seen.length;
    assert.match(await raw(smuggled), /^HTTP\/1.1 400/);
    assert.equal(vendor.seen.length, count);
  });

  await t.test("neither the caller's key nor what steers the connection goes on to the vendor", async () => {
    await send("POST", "v1/a", {
      headers: {
        cookie: "session=1",
        "x-forwarded-for": "10.0.0.1",
        "x-forwarded-host": "other.test",
        "x-http-method-override": "DELETE",
        "x-original-url": "/admin",
        forwarded: "for=10.0.0.1",
        range: "bytes=0-1",
        "proxy-authorization": "Basic x",
        "x-request-id": "r1",
      },
      body: "x",
    });
    const { headers } = last();
    assert.equal(headers.authorization, `Bearer ${key}`, "nobody overrides the connection's");
    assert.doesNotMatch(JSON.stringify(headers), new RegExp(tenant.key));
    assert.deepEqual(Object.keys(headers).toSorted(), [
      ...["accept", "accept-encoding", "accept-language", "authorization", "connection", "content-length"],
      ...["content-type", "host", "user-agent"],
    ]);
  });

  await t.test("a vendor changes nothing of what this API says for itself", async () => {
    vendor.answer.now = (response) =>
      response
        .writeHead(200, {
          "content-type": "text/html",
          "content-security-policy": "default-src *",
          "access-control-allow-origin": "*",
          "strict-transport-security": "max-age=0",
          "set-cookie": "a=1",
          "x-content-type-options": "off",
          "x-request-id": "theirs",
          "x-accel-redirect": "/internal/admin-key",
          "cache-control": "public, s-maxage=3600",
          "x-sendfile": "/etc/passwd",
          "x-note": key,
          server: "vendor",
        })
        .end("<script>alert(1)</script>");
    const { headers } = await send("GET", "v1/page");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.notEqual(headers.get("x-request-id"), "theirs");
    assert.equal(headers.get("cache-control"), "private, no-cache");
    assert.match(headers.get("vary") ?? "", /Authorization/);
    for (const name of ["x-accel-redirect", "x-sendfile"]) assert.equal(headers.get(name), null, name);
    assert.equal(headers.get("x-note"), "[redacted]");
    for (const name of ["access-control-allow-origin", "set-cookie", "server"])
      assert.equal(headers.get(name), null, name);
    vendor.answer.now = (response) => response.end("ok");
  });

  await t.test(
    "bodies count while they come in, and until they are taken; what has ended does not",
    async (t) => {
      vendor.answer.now = (response) => response.end(Buffer.alloc(32 * MiB));
      const open = (head: string) => {
        const socket = dial(Number(new URL(host.address).port), "127.0.0.1");
        t.after(() => socket.destroy());
        socket.write(`${head} HTTP/1.1\r\nAuthorization: Bearer ${tenant.key}\r\nHost: localhost\r\n`);
        return socket;
      };
      const reader = open(`GET ${base}/v1/large`);
      reader.write("\r\n");
      const [head] = (await once(reader, "data")) as [Buffer];
      reader.pause();
      assert.match(head.toString("latin1"), /^HTTP\/1.1 200/);
      vendor.answer.now = (response) => response.end("ok");

      const before = vendor.seen.length;
      const upload = () => send("POST", "v1/a", { body: Buffer.alloc(9 * MiB) });
      const refused = await upload();
      assert.deepEqual(
        [refused.status, refused.body.code, refused.body.reason],
        [429, "plugin-busy", "fetch-tenant-busy"],
      );
      assert.equal(vendor.seen.length, before);
      assert.equal((await send("POST", "v1/a", { body: "small" })).status, 200);
      assert.match(
        await metrics(),
        /limit_reached_total\{plugin="acme\/vendor",limit="fetchBufferBytesPerTenant"\} 1/,
      );

      reader.destroy();
      let answer = await upload();
      while (answer.status === 429) answer = await upload();
      assert.equal(answer.status, 200);
    },
  );

  await t.test("trouble with the vendor is told as such", async () => {
    vendor.answer.now = (response) => response.destroy();
    const answer = await send("POST", "v1/a", { body: "pay" });
    assert.deepEqual(
      [answer.status, answer.body.code, answer.body.reason],
      [502, "vendor-unavailable", "fetch-failed"],
    );
    vendor.answer.now = (response) => response.end("ok");
  });

  await t.test("its owner can read how it went, and what", async () => {
    const { connectionId: fresh } = await connectAgain();
    const at = `/api/v1/connections/${fresh}`;
    const call = (method: string, path: string) => tenant.api.send(method, `${at}/proxy/${path}`);
    const empty = (await tenant.api.get(`${at}/metrics`)).body;
    assert.deepEqual(
      [empty.total, empty.p95Ms, empty.successRate, empty.lastActivityAt],
      [0, null, null, null],
    );
    for (let i = 0; i < 3; i++) await call("GET", `v1/things/${i}?token=in-the-query`);
    vendor.answer.now = (response) => response.writeHead(500).end();
    await call("POST", "v1/services/T00000000/B00000000/xoxb0123456789012345");
    vendor.answer.now = (response) => response.end("ok");
    await call("PUT", "v1/refused");
    const read = async () => (await tenant.api.get(`${at}/metrics`)).body;
    let metrics = await read();
    for (let tries = 0; metrics.total < 5 && tries < 1_200; metrics = await read(), tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    assert.doesNotMatch(host.logged(), /could not be written down/);
    assert.deepEqual([metrics.total, metrics.ok, metrics.failed], [5, 3, 2]);
    assert.deepEqual([metrics.successRate, metrics.errorRate, metrics.circuits], [0.6, 0.4, []]);
    assert.ok(metrics.averageMs > 0 && metrics.p95Ms > 0 && Date.parse(metrics.lastActivityAt) > 0);
    const earlier = `${at}/metrics?from=2020-01-01T00:00:00Z&to=2020-01-02T00:00:00Z`;
    assert.equal((await tenant.api.get(earlier)).body.total, 0);

    const lines = async (query: string) => (await tenant.api.get(`${at}/logs?${query}`)).body.items;
    const all = await lines("");
    assert.deepEqual(
      all.map((line: Record<string, unknown>) => [
        line.level,
        line.method,
        line.path,
        line.status,
        line.code,
      ]),
      [
        ["error", "PUT", "/v1/refused", null, "fetch-not-granted"],
        ["error", "POST", "/v1/services/T00000000/B00000000/***", 500, "ok"],
        ["info", "GET", "/v1/things/2", 200, "ok"],
        ["info", "GET", "/v1/things/1", 200, "ok"],
        ["info", "GET", "/v1/things/0", 200, "ok"],
      ],
    );
    assert.doesNotMatch(JSON.stringify(all), /in-the-query|xoxb|sk_live/);
    assert.equal((await lines("level=error")).length, 2);
    assert.equal((await lines("q=THINGS%2F1")).length, 1);
    assert.equal((await lines("q=%25")).length, 0, "it is a text, and no pattern");
    assert.equal((await lines("to=2020-01-01T00:00:00Z")).length, 0);
    const page = (await tenant.api.get(`${at}/logs?limit=2`)).body;
    const next = (await tenant.api.get(`${at}/logs?limit=9&cursor=${page.nextCursor}`)).body;
    assert.deepEqual([...page.items, ...next.items], all);

    const stranger = await host.tenant();
    for (const what of ["metrics", "logs"])
      assert.equal((await stranger.api.get(`${at}/${what}`)).body.code, "connection-not-found");
    await tenant.api.delete(at);
    assert.equal((await tenant.api.get(`${at}/logs`)).status, 404);
  });

  await t.test("its owner can slow it down, and nobody else's", async () => {
    const { connectionId: own } = await connectAgain();
    const at = `/api/v1/connections/${own}`;
    const limits = [{ type: "fixed-window", requests: 1, seconds: 3600 }];
    const changed = await tenant.api.patch(at, { requests: { limits } });
    assert.deepEqual([changed.status, changed.body.requests], [200, { limits }]);
    assert.equal((await tenant.api.get(`${at}/proxy/v1/a`)).status, 200);
    const held = await tenant.api.get(`${at}/proxy/v1/a`);
    assert.deepEqual(
      [held.status, held.body.code, held.body.reason],
      [429, "vendor-rate-limited", "fetch-rate-limited"],
    );
    assert.ok(Number(held.headers.get("retry-after")) > 3590);
    assert.equal((await send("GET", "v1/a")).status, 200);
    for (const [requests, pointer] of [
      [{ limits: [{ ...limits[0], per: "plugin" }] }, "/requests/limits/0/per"],
      [{ limits: [{ ...limits[0], hosts: ["other.test"] }] }, "/requests/limits/0/hosts/0"],
      [{ retries: { most: 99 } }, "/requests/retries/most"],
    ] as const) {
      const { status, body } = await tenant.api.patch(at, { requests });
      assert.deepEqual(
        [status, body.code, body.problems[0].pointer],
        [422, "connection-config-invalid", pointer],
      );
    }
    assert.equal((await tenant.api.patch(at, { requests: null })).body.requests, null);
    assert.equal((await tenant.api.get(`${at}/proxy/v1/a`)).status, 200);
  });

  await t.test("what is remembered of its limits goes with it", async () => {
    const inUse = async () => Number(/^plugboard_egress_limits_in_use (\d+)$/m.exec(await metrics())?.[1]);
    const before = await inUse();
    const { connectionId: own } = await connectAgain();
    const at = `/api/v1/connections/${own}`;
    const limits = [{ type: "fixed-window", requests: 1, seconds: 3600 }];
    await tenant.api.patch(at, { requests: { limits } });
    await tenant.api.get(`${at}/proxy/v1/a`);
    assert.equal(await inUse(), before + 1);
    await tenant.api.delete(at);
    assert.equal(await inUse(), before);
  });

  await t.test("only its own tenant, with the scope for it, while it is switched on", async () => {
    const before = vendor.seen.length;
    const stranger = await host.tenant();
    assert.equal((await stranger.api.get(`${base}/v1/a`)).body.code, "connection-not-found");
    const scopes = ["actions:run", "connections:write"];
    const { key: other } = (
      await host.admin.post("/api/v1/api-keys", { name: "x", tenantId: tenant.id, scopes })
    ).body;
    const answer = await host.anonymous.send("GET", `${base}/v1/a`, {
      headers: { authorization: `Bearer ${other}` },
    });
    assert.equal(answer.status, 403);
    await tenant.api.patch(`/api/v1/installs/${installId}`, { status: "disabled" });
    assert.equal((await send("GET", "v1/a")).body.code, "install-disabled");
    await tenant.api.patch(`/api/v1/installs/${installId}`, { status: "active" });
    await tenant.api.patch(`/api/v1/connections/${connectionId}`, { status: "inactive" });
    assert.equal((await send("GET", "v1/a")).body.code, "connection-inactive");
    assert.equal(vendor.seen.length, before);
  });
});
