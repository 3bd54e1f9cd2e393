import assert from "node:assert/strict";
import { test } from "node:test";
import { buildOpenApi, defineErrors, page, pageQuery, route } from "@plugboard/service-kit/http";
import { Validator } from "@seriousme/openapi-schema-validator";
import { Type } from "typebox";
import { serve } from "./test-app.ts";

const Owner = Type.Object({ name: Type.String() }, { title: "Owner" });
const Thing = Type.Object(
  {
    id: Type.String(),
    title: Type.String({ title: "What it is called" }),
    owner: Owner,
    kind: Type.Union([Type.Literal("a"), Type.Literal("b")]),
  },
  { $id: "https://plugboard.dev/schemas/Thing" },
);

const errors = defineErrors({
  "thing-not-found": { status: 404, title: "No such thing", description: "There is no thing with this id." },
  "thing-gone": { status: 404, title: "Gone", description: "There was one." },
});

const routes = [
  route({
    method: "GET",
    path: "/things",
    operationId: "listThings",
    summary: "List things",
    description: "All of **them**.",
    tags: ["things"],
    access: { scope: "things:read" },
    query: Type.Object({ ...pageQuery, kind: Type.Optional(Type.String({ description: "Only these." })) }),
    responses: { 200: { description: "A page.", schema: page(Thing) } },
    errors: [],
    handler: async () => ({ status: 200, body: { items: [], nextCursor: null } }),
  }),
  route({
    method: "PUT",
    path: "/things/:id",
    operationId: "putThing",
    summary: "Put a thing",
    tags: ["things"],
    access: { scope: "things:write" },
    params: Type.Object({ id: Type.String({ description: "Which." }) }),
    body: Thing,
    responses: {
      200: { description: "It.", schema: Thing, headers: { ETag: "Its version." } },
      204: { description: "Nothing." },
    },
    errors: ["thing-not-found", "thing-gone"],
    handler: async ({ body }) => ({ status: 200, body }),
  }),
  route({
    method: "GET",
    path: "/files/:id/*",
    operationId: "getFile",
    summary: "Get a file",
    tags: ["things"],
    access: "public",
    params: Type.Object({ id: Type.String(), "*": Type.String() }),
    responses: { 200: { description: "It.", mediaType: "application/gzip" } },
    errors: [],
    handler: async () => ({ status: 200 }),
  }),
  route({
    method: "POST",
    path: "/files",
    operationId: "upload",
    summary: "Upload",
    tags: ["things"],
    access: { scope: "things:write" },
    body: {
      multipart: {
        fields: {
          statement: { maxBytes: 100, description: "A JWS." },
          note: { maxBytes: 9, optional: true },
        },
        file: { name: "tarball", mediaTypes: ["application/gzip"], maxBytes: 100 },
      },
    },
    responses: { 202: { description: "Taken." } },
    errors: [],
    handler: async () => ({ status: 202 }),
  }),
  route({
    method: "POST",
    path: "/hooks",
    operationId: "hook",
    summary: "Take a webhook",
    tags: ["things"],
    access: "public",
    body: { raw: ["*"], maxBytes: 100 },
    responses: { 202: { description: "Taken." } },
    errors: [],
    handler: async () => ({ status: 202 }),
  }),
  route({
    method: "POST",
    path: "/defaults",
    operationId: "defaults",
    summary: "Fill in what is not sent",
    tags: ["things"],
    access: "public",
    body: Type.Object({ name: Type.String(), size: Type.Integer({ default: 1 }) }),
    responses: { 202: { description: "Taken." } },
    errors: [],
    handler: async () => ({ status: 202 }),
  }),
];

const info = {
  title: "Things",
  version: "1.2.3",
  description: "For tests.",
  securitySchemes: { apiKey: { type: "http", scheme: "bearer" } },
};

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

interface Operation {
  security: unknown;
  parameters: Record<string, unknown>[];
  requestBody: unknown;
  responses: Record<
    string,
    { content?: Record<string, { schema: unknown; examples?: Record<string, { value: { code: string } }> }> }
  >;
}

function build(): Document {
  return buildOpenApi(routes, { ...info, errors: errors.table }) as unknown as Document;
}

test("the document is valid OpenAPI 3.1", async () => {
  const { valid, errors: problems } = await new Validator().validate(structuredClone(build()) as never);
  assert.deepEqual([valid, problems], [true, undefined]);
});

test("schemas that have a name are components, once, wherever they are used", () => {
  const document = build();
  assert.deepEqual(Object.keys(document.components.schemas).toSorted(), ["Owner", "Problem", "Thing"]);
  const { properties } = document.components.schemas.Thing as { properties: Record<string, unknown> };
  assert.deepEqual(properties.owner, { $ref: "#/components/schemas/Owner" });
  assert.deepEqual(
    properties.title,
    { type: "string", title: "What it is called" },
    "a title is not always a name",
  );
  const put = document.paths["/things/{id}"]?.put;
  assert.deepEqual(put?.requestBody, {
    required: true,
    content: { "application/json": { schema: { $ref: "#/components/schemas/Thing" } } },
  });
  const other = { ...routes[0], operationId: "other", path: "/other" } as (typeof routes)[number];
  const clash = {
    ...other,
    responses: { 200: { description: "", schema: Type.Object({}, { title: "Owner" }) } },
  };
  assert.throws(
    () => buildOpenApi([...routes, clash], { ...info, errors: errors.table }),
    /Two different schemas are called Owner/,
  );
});

test("each status has one response with the codes it can carry, as an enum and as examples", () => {
  const put = build().paths["/things/{id}"]?.put;
  assert.deepEqual(Object.keys(put?.responses ?? {}), [
    "200",
    "204",
    "400",
    "401",
    "403",
    "404",
    "413",
    "415",
    "422",
    "500",
  ]);
  const notFound = put?.responses["404"]?.content?.["application/problem+json"];
  assert.deepEqual(notFound?.schema, {
    allOf: [
      { $ref: "#/components/schemas/Problem" },
      { properties: { code: { enum: ["thing-gone", "thing-not-found"] } } },
    ],
  });
  assert.equal(notFound?.examples?.["thing-gone"]?.value.code, "thing-gone");
});

test("parameters, uploads, raw bodies and security are described", () => {
  const { paths } = build();
  const list = paths["/things"]?.get;
  assert.deepEqual(list?.security, [{ apiKey: [] }]);
  assert.deepEqual(
    list?.parameters.map(({ name, in: where, required }) => [name, where, required]),
    [
      ["limit", "query", false],
      ["cursor", "query", false],
      ["kind", "query", false],
    ],
  );
  const file = paths["/files/{id}/{path}"]?.get;
  assert.deepEqual(file?.security, []);
  assert.deepEqual(
    file?.parameters.map(({ name, in: where, required }) => [name, where, required]),
    [
      ["id", "path", true],
      ["path", "path", true],
    ],
  );
  assert.match(JSON.stringify(paths["/defaults"]?.post?.requestBody), /"required":\["name"\]/);
  const upload = JSON.stringify(paths["/files"]?.post?.requestBody);
  assert.match(upload, /"required":\["statement","tarball"\]/);
  assert.match(JSON.stringify(paths["/hooks"]?.post?.requestBody), /"\*\/\*"/);
});

test("it is served at its path, and not sent again to who has it", async (t) => {
  const app = await serve(t, routes, { errors: errors.table, openapi: { ...info, path: "/openapi.json" } });
  const response = await app.fetch("/openapi.json");
  assert.equal(response.headers.get("content-type"), "application/json; charset=utf-8");
  const { paths, ...rest } = (await response.json()) as { paths: Record<string, unknown> };
  const { "/docs/errors": errorPage, ...others } = paths;
  assert.deepEqual({ ...rest, paths: others }, JSON.parse(JSON.stringify(build())));
  assert.ok(errorPage, "the page that the types of problems lead to is documented too");
  const etag = response.headers.get("etag") ?? "";
  assert.equal((await app.fetch("/openapi.json", { headers: { "if-none-match": etag } })).status, 304);
});
