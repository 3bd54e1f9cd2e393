import assert from "node:assert/strict";
import { test } from "node:test";
import { createHttpApp, httpErrors, PlugboardError, type Route, route } from "@plugboard/service-kit/http";
import { createLogger, createMetrics } from "@plugboard/service-kit/observe";
import { Type } from "typebox";
import { defaults, problem, serve } from "./test-app.ts";

function plain(method: Route["method"], path: string, operationId: string, params?: string[]): Route {
  return route({
    method,
    path,
    operationId,
    summary: "Says its name",
    tags: ["test"],
    access: "public",
    params: Type.Object(Object.fromEntries((params ?? []).map((name) => [name, Type.String()]))),
    responses: { 200: { description: "Its name and parameters.", schema: Type.Unknown() } },
    errors: [],
    handler: async (request) => ({ status: 200, body: { operationId, params: request.params } }),
  });
}

const routes = [
  plain("GET", "/things", "list"),
  plain("POST", "/things", "create"),
  plain("GET", "/things/:id", "get", ["id"]),
  plain("GET", "/things/latest", "latest"),
  plain("DELETE", "/things/:id", "remove", ["id"]),
  plain("GET", "/proxy/:id/*", "proxy", ["id", "*"]),
];

test("a path finds its route: fixed parts before parameters, a star for the whole rest, parts decoded", async (t) => {
  const app = await serve(t, routes);
  const cases: [string, unknown][] = [
    ["/things", { operationId: "list", params: {} }],
    ["/things/7", { operationId: "get", params: { id: "7" } }],
    ["/things/latest", { operationId: "latest", params: {} }],
    ["/things/a%2Fb%20c%25", { operationId: "get", params: { id: "a/b c%" } }],
    ["/things/%E2%98%83", { operationId: "get", params: { id: "☃" } }],
    ["/proxy/con_1/v1/customers/", { operationId: "proxy", params: { id: "con_1", "*": "v1/customers/" } }],
  ];
  for (const [path, expected] of cases)
    assert.deepEqual(await (await app.fetch(path)).json(), expected, path);
});

test("what is not there is 404, with a problem document", async (t) => {
  const app = await serve(t, routes);
  for (const path of ["/", "/thing", "/things/", "/things/1/2", "/Things", "//things", "/proxy/1"]) {
    const response = await app.fetch(path);
    assert.equal(response.status, 404, path);
    assert.equal(response.headers.get("content-type"), "application/problem+json; charset=utf-8");
    const { instance, ...rest } = await problem(response);
    assert.deepEqual(rest, {
      type: "/docs/errors#route-not-found",
      title: "No such route",
      status: 404,
      detail: "There is nothing at this path.",
      code: "route-not-found",
    });
    assert.equal(instance, `urn:plugboard:request:${response.headers.get("x-request-id")}`);
  }
});

test("another method is 405 and told which there are", async (t) => {
  const app = await serve(t, routes);
  const response = await app.fetch("/things/1", { method: "PUT" });
  assert.equal(response.status, 405);
  assert.equal(response.headers.get("allow"), "DELETE, GET, HEAD, OPTIONS");
  assert.equal((await problem(response)).code, "method-not-allowed");
  assert.equal(
    (await app.fetch("/things", { method: "PATCH" })).headers.get("allow"),
    "GET, HEAD, OPTIONS, POST",
  );
});

test("OPTIONS says the methods, HEAD what a GET would without its body", async (t) => {
  const app = await serve(t, routes);
  const options = await app.fetch("/things/1", { method: "OPTIONS" });
  assert.deepEqual([options.status, options.headers.get("allow")], [204, "DELETE, GET, HEAD, OPTIONS"]);
  assert.equal((await app.fetch("/nothing", { method: "OPTIONS" })).status, 404);

  const [head, get] = [await app.fetch("/things/1", { method: "HEAD" }), await app.fetch("/things/1")];
  assert.equal(await head.text(), "");
  for (const name of ["content-length", "content-type"])
    assert.equal(head.headers.get(name), get.headers.get(name));
  const missing = await app.fetch("/nothing", { method: "HEAD" });
  assert.deepEqual([missing.status, await missing.text()], [404, ""]);
});

test("a path whose encoding is broken is 400", async (t) => {
  const app = await serve(t, routes);
  for (const path of ["/things/%", "/things/%zz", "/things/%ff", "/%c0%af", "/things/%E0%A4%A"]) {
    const response = await app.fetch(path);
    assert.deepEqual([response.status, (await problem(response)).code], [400, "malformed-url"], path);
  }
});

test("who is calling is asked before anything else is read, unless the route is public", async (t) => {
  let handled: unknown;
  const asked: unknown[] = [];
  const guarded = route({
    method: "POST",
    path: "/guarded",
    operationId: "guarded",
    summary: "Guarded",
    tags: ["test"],
    access: { scope: "things:write" },
    body: Type.Object({}),
    responses: { 204: { description: "Done." } },
    errors: [],
    async handler({ identity }) {
      handled = identity;
      return { status: 204 };
    },
  });
  const app = await serve(t, [guarded, ...routes], {
    async authenticate(request, access) {
      asked.push([request.method, request.routePath, access]);
      request.ctx.set("RateLimit-Limit", "100");
      return defaults.authenticate(request);
    },
  });
  const refused = await app.fetch("/guarded", { method: "POST", body: "not even JSON" });
  assert.equal(refused.status, 401);
  assert.equal(refused.headers.get("www-authenticate"), "Bearer");
  assert.equal(refused.headers.get("ratelimit-limit"), "100");
  assert.equal(handled, undefined);

  const headers = { authorization: "Bearer good", "content-type": "application/json" };
  assert.equal((await app.fetch("/guarded", { method: "POST", headers, body: "{}" })).status, 204);
  assert.deepEqual(handled, { name: "tester" });
  await app.fetch("/things");
  assert.deepEqual(asked, Array(2).fill(["POST", "/guarded", { scope: "things:write" }]));
});

test("an error of the table is shown with its members and headers; anything else is 500 and shows nothing", async (t) => {
  const thrown: unknown[] = [
    httpErrors.error(
      "rate-limited",
      "At most 10 a minute.",
      { limit: 10, status: 1, code: "x" },
      { headers: { "Retry-After": "7" } },
    ),
    new Error("password of db is s3cret"),
    Object.assign(new Error("s3cret not found"), { status: 404, expose: true }),
    "s3cret",
    undefined,
    null,
    { status: 200, body: "s3cret" },
    httpErrors.error("internal-error", "s3cret"),
  ];
  const app = await serve(
    t,
    thrown.map((error, i) =>
      route({
        method: "GET",
        path: `/throw/${i}`,
        operationId: `throw${i}`,
        summary: "Throws",
        tags: ["test"],
        access: "public",
        responses: { 204: { description: "Never." } },
        errors: ["rate-limited"],
        handler: async () => {
          throw error;
        },
      }),
    ),
  );
  const limited = await app.fetch("/throw/0");
  assert.deepEqual([limited.status, limited.headers.get("retry-after")], [429, "7"]);
  const { code, status, limit } = await problem(limited);
  assert.deepEqual(
    [code, status, limit],
    ["rate-limited", 429, 10],
    "members do not replace what the code says",
  );

  app.log();
  for (let i = 1; i < thrown.length; i++) {
    const response = await app.fetch(`/throw/${i}`);
    const text = await response.text();
    assert.equal(response.status, 500);
    assert.equal(JSON.parse(text).code, "internal-error");
    assert.ok(!text.includes("s3cret"), text);
    assert.match(
      app.log(),
      new RegExp(
        `"level":"error".*"requestId":"${response.headers.get("x-request-id")}".*"msg":"request failed"`,
      ),
    );
  }
});

test("a failure that was foreseen is one line in the log, with its cause and without a stack", async (t) => {
  const app = await serve(t, [
    route({
      method: "GET",
      path: "/away",
      operationId: "away",
      summary: "Throws",
      tags: ["test"],
      access: "public",
      responses: { 204: { description: "Never." } },
      errors: ["unavailable"],
      handler: async () => {
        throw httpErrors.error("unavailable", "The store is away.", {}, { cause: new Error("ECONNREFUSED") });
      },
    }),
  ]);

  assert.equal((await app.fetch("/away")).status, 503);

  const line = app.log().match(/^.*"msg":"request failed".*$/m)?.[0] ?? "{}";
  const { level, code, detail, cause } = JSON.parse(line);
  assert.deepEqual(
    { level, code, detail, cause },
    { level: "warn", code: "unavailable", detail: "The store is away.", cause: "ECONNREFUSED" },
  );
  assert.doesNotMatch(line, /stack/);
});

test("a reply that is not what its route declares is caught when replies are checked", async (t) => {
  const wrong = (operationId: string, reply: () => Promise<never>) =>
    route({
      method: "GET",
      path: `/${operationId}`,
      operationId,
      summary: "Wrong",
      tags: ["test"],
      access: "public",
      responses: { 200: { description: "A number.", schema: Type.Object({ n: Type.Number() }) } },
      errors: [],
      handler: reply,
    });
  const app = await serve(t, [
    wrong("type", async () => ({ status: 200, body: { n: "1" } }) as never),
    wrong("extra", async () => ({ status: 200, body: { n: 1, secret: 2 } }) as never),
    wrong("status", async () => ({ status: 201, body: { n: 1 } }) as never),
  ]);
  for (const path of ["/type", "/extra", "/status"]) {
    assert.equal((await app.fetch(path)).status, 500, path);
    assert.match(app.log(), /is not what it declares/);
  }
});

test("routes that clash, name an unknown error, or forget a parameter stop the start", () => {
  const build =
    (...some: Route[]) =>
    () =>
      createHttpApp({
        ...defaults,
        routes: some,
        logger: createLogger({ name: "test", level: "silent" }),
        metrics: createMetrics({ runtime: false }),
      });
  assert.throws(build(plain("GET", "/a", "a"), plain("GET", "/a", "b")), /already declared/);
  assert.throws(build(plain("GET", "/a", "a"), plain("GET", "/b", "a")), /Two routes have the operationId a/);
  assert.throws(build({ ...plain("GET", "/a", "a"), errors: ["no-such-code"] }), /no table: no-such-code/);
  assert.throws(build(plain("GET", "/a/:id", "a")), /declares the parameters \[\], its path has \[id\]/);
  assert.throws(build(plain("GET", "/a", "a", ["id"])), /declares the parameters \[id\], its path has \[\]/);
});

test("an error can only be made with a code of its table", () => {
  const error = httpErrors.error("forbidden", "Needs the scope things:write.", { scope: "things:write" });
  assert.ok(error instanceof PlugboardError);
  assert.deepEqual(
    [error.code, error.status, error.expose, error.title],
    ["forbidden", 403, true, "Not allowed"],
  );
  assert.throws(() => httpErrors.error("no-such-code" as "forbidden", ""), TypeError);
});
