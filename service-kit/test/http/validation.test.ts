import assert from "node:assert/strict";
import { test } from "node:test";
import { route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { problem, serve } from "./test-app.ts";

const echo = route({
  method: "POST",
  path: "/things/:id",
  operationId: "echo",
  summary: "Says what it got",
  tags: ["test"],
  access: "public",
  params: Type.Object({ id: Type.Integer({ minimum: 1 }) }),
  query: Type.Object({
    limit: Type.Integer({ default: 50, maximum: 100 }),
    deep: Type.Optional(Type.Boolean()),
    tag: Type.Optional(Type.Array(Type.String())),
  }),
  body: Type.Object({
    name: Type.String({ minLength: 1 }),
    colour: Type.Optional(Type.Union([Type.Literal("red"), Type.Literal("blue")])),
    size: Type.Number({ default: 1 }),
    place: Type.Optional(Type.Object({ x: Type.Number(), y: Type.Number() })),
    parts: Type.Optional(Type.Array(Type.Object({ n: Type.Integer() }))),
    extra: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  }),
  responses: { 200: { description: "What it got.", schema: Type.Unknown() } },
  errors: [],
  async handler({ params, query, body }) {
    // Types follow from the schemas: these would not compile otherwise.
    const id: number = params.id;
    const limit: number = query.limit;
    const name: string = body.name;
    return {
      status: 200,
      body: { params: { ...params, id }, query: { ...query, limit }, body: { ...body, name } },
    };
  },
});

test("path and query are read as the types they are declared to be, and defaults are filled in", async (t) => {
  const app = await serve(t, [echo]);
  const response = await app.post("/things/7?deep=true&tag=a", { name: "n" });
  assert.deepEqual(await response.json(), {
    params: { id: 7 },
    query: { deep: true, tag: ["a"], limit: 50 },
    body: { name: "n", size: 1 },
  });
  const many = await app.post("/things/7?tag=a&tag=b&limit=3", { name: "n", extra: { anything: [1, null] } });
  const { query } = (await many.json()) as { query: unknown };
  assert.deepEqual(query, { tag: ["a", "b"], limit: 3 });
});

test("everything that is wrong is listed at once, with where it is", async (t) => {
  const app = await serve(t, [echo]);
  const response = await app.post("/things/0?limit=200&deep=perhaps&unknown=1", {
    name: "",
    colour: "green",
    size: "1",
    place: { x: 1, z: 2 },
    parts: [{ n: 1 }, { n: 1.5 }],
    "sla/sh~": true,
  });
  assert.equal(response.status, 422);
  const { code, problems } = await problem(response);
  assert.equal(code, "invalid-request");
  const list = problems as { in: string; pointer: string; message: string }[];
  assert.deepEqual(list.map((item) => `${item.in}${item.pointer} ${item.message}`).toSorted(), [
    'body/colour must be one of ["red","blue"]',
    "body/name must NOT have fewer than 1 characters",
    "body/parts/1/n must be integer",
    "body/place/y is required",
    "body/place/z is not a known field",
    "body/size must be number",
    "body/sla~1sh~0 is not a known field",
    "path/id must be >= 1",
    "query/deep must be boolean",
    "query/limit must be <= 100",
    "query/unknown is not a known field",
  ]);
});

test("a body is not coerced: it has types of its own", async (t) => {
  const app = await serve(t, [echo]);
  for (const body of [
    { name: 5 },
    { name: null },
    { name: ["n"] },
    { name: "n", size: "5" },
    [],
    "text",
    5,
    null,
  ]) {
    const response = await app.post("/things/1", body);
    assert.equal(response.status, 422, JSON.stringify(body));
  }
});

test("a scalar given twice in the query is a problem, not a list", async (t) => {
  const app = await serve(t, [echo]);
  const response = await app.post("/things/1?limit=1&limit=2", { name: "n" });
  assert.equal(response.status, 422);
});

test("text that no database can hold is refused wherever it comes from", async (t) => {
  const app = await serve(t, [echo]);
  const send = (path: string, body: string) =>
    app.fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  const cases: [string, string, string][] = [
    ["/things/1", '{"name":"a\\u0000b"}', "body/name must not contain a NUL character"],
    [
      "/things/1",
      '{"name":"n","extra":{"a":[{"b":"\\ud800"}]}}',
      "body/extra/a/0/b must be well-formed Unicode",
    ],
    [
      "/things/1",
      '{"name":"n","extra":{"\\u0000":1}}',
      "body/extra has a field whose name must not contain a NUL character",
    ],
    ["/things/1?tag=%00", '{"name":"n"}', "query/tag must not contain a NUL character"],
  ];
  for (const [path, body, expected] of cases) {
    const response = await send(path, body);
    assert.equal(response.status, 422, body);
    const [first] = (await problem(response)).problems as { in: string; pointer: string; message: string }[];
    assert.equal(`${first?.in}${first?.pointer} ${first?.message}`, expected);
  }
  assert.equal(
    (await send("/things/1", '{"name":"\\ud83d\\ude00 \\\\u0000"}')).status,
    200,
    "a whole pair, and an escaped backslash",
  );
});

test("keys that would reach into prototypes are refused, and change nothing", async (t) => {
  const app = await serve(t, [echo]);
  for (const body of [
    '{"name":"n","__proto__":{"polluted":1}}',
    '{"name":"n","extra":{"__proto__":{"polluted":1}}}',
    '{"name":"n","extra":{"constructor":{"prototype":{"polluted":1}}}}',
    '{"name":"n","extra":{"\\u005f_proto__":{"polluted":1}}}',
  ]) {
    const response = await app.fetch("/things/1", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    assert.equal(response.status, 400, body);
  }
  assert.equal((await app.post("/things/1?__proto__=1&constructor=2", { name: "n" })).status, 422);
  assert.equal(({} as Record<string, unknown>).polluted, undefined);
});

test("a large body with many faults costs little: its first one is enough", async (t) => {
  const app = await serve(t, [echo]);
  const parts = Array.from({ length: 100_000 }, () => ({}));
  const response = await app.post("/things/1", { name: "n", parts });
  assert.equal(response.status, 422);
  assert.equal(((await problem(response)).problems as unknown[]).length, 1);
});

test("intersections are closed as a whole, and may say themselves that they are open", async (t) => {
  const both = Type.Intersect([Type.Object({ a: Type.String() }), Type.Object({ b: Type.String() })]);
  const open = Type.Object({ a: Type.String() }, { additionalProperties: true });
  const routes = [both, open].map((body, i) =>
    route({
      method: "POST",
      path: `/body/${i}`,
      operationId: `body${i}`,
      summary: "Takes a body",
      tags: ["test"],
      access: "public",
      body,
      responses: { 204: { description: "Taken." } },
      errors: [],
      handler: async () => ({ status: 204 }),
    }),
  );
  const app = await serve(t, routes);
  const statuses = async (path: string, bodies: object[]) =>
    Promise.all(bodies.map(async (body) => (await app.post(path, body)).status));
  assert.deepEqual(
    await statuses("/body/0", [{ a: "", b: "" }, { a: "", b: "", c: "" }, { a: "" }]),
    [204, 422, 422],
  );
  assert.deepEqual(await statuses("/body/1", [{ a: "", c: "" }]), [204]);
});

test("of a union that a constant tells apart, only the problems of the one that was meant are told", async (t) => {
  const { fetch } = await serve(t, [
    route({
      method: "POST",
      path: "/pets",
      operationId: "pet",
      summary: "Takes a pet",
      tags: ["test"],
      access: "public",
      body: Type.Object({
        pet: Type.Union([
          Type.Object({ type: Type.Literal("cat"), lives: Type.Integer({ minimum: 1 }) }),
          Type.Object({ type: Type.Literal("dog"), name: Type.String() }),
        ]),
      }),
      responses: { 204: { description: "Taken." } },
      errors: [],
      handler: async () => ({ status: 204 }),
    }),
  ]);
  const post = (pet: unknown) =>
    fetch("/pets", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ pet }),
    });
  const problemsOf = async (pet: unknown) => (await problem(await post(pet))).problems;

  assert.equal((await post({ type: "dog", name: "Rex" })).status, 204);
  assert.deepEqual(await problemsOf({ type: "cat", lives: 0, name: "Tom" }), [
    { in: "body", pointer: "/pet/name", message: "is not a known field" },
    { in: "body", pointer: "/pet/lives", message: "must be >= 1" },
  ]);
  for (const type of ["cow", 7, null]) {
    assert.deepEqual(await problemsOf({ type, lives: 9 }), [
      { in: "body", pointer: "/pet/type", message: 'must be one of ["cat","dog"]' },
    ]);
  }
  assert.deepEqual(await problemsOf({ lives: 9 }), [
    { in: "body", pointer: "/pet/type", message: "is required" },
  ]);
  assert.deepEqual(await problemsOf("cat"), [{ in: "body", pointer: "/pet", message: "must be object" }]);
});
