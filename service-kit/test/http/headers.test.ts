import assert from "node:assert/strict";
import { test } from "node:test";
import { route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { serve } from "./test-app.ts";

const whoami = route({
  method: "GET",
  path: "/whoami/:id",
  operationId: "whoami",
  summary: "Says who calls",
  tags: ["test"],
  access: "public",
  params: Type.Object({ id: Type.String() }),
  responses: {
    200: { description: "Who.", schema: Type.Object({ ip: Type.String(), requestId: Type.String() }) },
  },
  errors: [],
  async handler({ ip, requestId, log }) {
    log.info("handled");
    return { status: 200, body: { ip, requestId } };
  },
});

test("a request id that is sane is taken on, another is replaced; log and answer say it", async (t) => {
  const app = await serve(t, [whoami]);
  const ask = async (id?: string) => {
    const response = await app.fetch(
      "/whoami/x",
      id === undefined ? {} : { headers: { "x-request-id": id } },
    );
    const { requestId } = (await response.json()) as { requestId: string };
    assert.equal(response.headers.get("x-request-id"), requestId);
    assert.match(app.log(), new RegExp(`"requestId":"${requestId}","msg":"handled"`));
    return requestId;
  };
  for (const id of ["abc-1.2_3", "a".repeat(100)]) assert.equal(await ask(id), id);
  for (const id of [undefined, "", "a b", "a".repeat(101), "<script>", '"}', "a,b"]) {
    assert.match(await ask(id), /^[0-9a-f-]{36}$/, String(id));
  }
});

test("every answer has security headers, problems too", async (t) => {
  const app = await serve(t, [whoami]);
  for (const path of ["/whoami/x", "/nothing"]) {
    const { headers } = await app.fetch(path);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'.*frame-ancestors 'none'/);
    assert.match(headers.get("strict-transport-security") ?? "", /max-age=\d{8}/);
    assert.equal(headers.get("x-powered-by"), null);
  }
});

test("what a client says about its address is believed only behind as many proxies as are configured", async (t) => {
  const forwarded = { headers: { "x-forwarded-for": "6.6.6.6, 1.2.3.4, 10.0.0.1" } };
  const seen: string[] = [];
  for (const trustProxy of [0, 1, 2]) {
    const app = await serve(t, [whoami], { trustProxy });
    const { ip } = (await (await app.fetch("/whoami/x", forwarded)).json()) as { ip: string };
    seen.push(ip);
  }
  assert.deepEqual(seen, ["127.0.0.1", "10.0.0.1", "1.2.3.4"]);
});

test("pages of other origins may call only if they are on the list", async (t) => {
  const app = await serve(t, [whoami], { cors: { origins: ["https://app.example.com"] } });
  const allowed = async (origin: string, init: RequestInit = {}) => {
    const response = await app.fetch("/whoami/x", { ...init, headers: { origin, ...init.headers } });
    return response.headers.get("access-control-allow-origin");
  };
  assert.equal(await allowed("https://app.example.com"), "https://app.example.com");
  assert.equal(await allowed("https://evil.example.com"), null);
  const preflight = await app.fetch("/whoami/x", {
    method: "OPTIONS",
    headers: {
      origin: "https://app.example.com",
      "access-control-request-method": "GET",
      "access-control-request-headers": "authorization",
    },
  });
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-headers"), "authorization");
  assert.equal(
    (await (await serve(t, [whoami])).fetch("/whoami/x", { headers: { origin: "https://a.b" } })).headers.get(
      "access-control-allow-origin",
    ),
    null,
  );
});

test("metrics and access log name the route, never the path, which may hold a secret", async (t) => {
  const app = await serve(t, [whoami]);
  for (let i = 0; i < 3; i++) await app.fetch(`/whoami/s3cret-${i}`);
  await app.fetch("/s3cret");
  await app.fetch("/s3cret", { method: "PROPFIND" });
  const metrics = await app.metrics.text();
  assert.match(
    metrics,
    /http_request_duration_seconds_count\{method="GET",route="\/whoami\/:id",status="200"\} 3/,
  );
  assert.match(metrics, /http_request_duration_seconds_count\{method="any",route="none",status="404"\} 2/);
  assert.match(metrics, /http_requests_in_flight 0/);
  const log = app.log();
  assert.match(
    log,
    /"method":"GET","route":"\/whoami\/:id","status":200,"durationMs":[\d.]+,"msg":"request"/,
  );
  assert.ok(!`${metrics}${log}`.includes("s3cret"));
});
