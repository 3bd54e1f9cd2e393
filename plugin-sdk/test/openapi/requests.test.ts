/** What the standard lets a description say, in the requests that a plugin of it sends and in what it takes and gives. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Json } from "../../author/index.ts";
import type { GeneratedPlugin } from "../../openapi/index.ts";
import { createTestHost, type TestHost } from "../../testing/index.ts";
import { described, generate, writePlugins } from "./project.ts";

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (schema: object) => ({ "application/json": { schema } });
const answers = (schema: object, headers = {}) => ({
  "200": { description: "ok", headers, content: json(schema) },
});
const query = (name: string, schema: object, more = {}) => ({ name, in: "query", schema, ...more });
const texts = { type: "array", items: { type: "string" } };
const echo = answers({});

const paths = {
  "/search": {
    get: {
      operationId: "search",
      parameters: [
        query("spaced", texts, { style: "spaceDelimited", explode: false }),
        query("piped", texts, { style: "pipeDelimited", explode: false }),
        query("commas", texts, { explode: false }),
        query("repeated", texts),
        query(
          "range",
          { type: "object", properties: { from: { type: "integer" }, to: { type: "integer" } } },
          { style: "deepObject" },
        ),
        query("spread", { type: "object", properties: { x: { type: "string" }, y: { type: "string" } } }),
        { name: "coded", in: "query", content: json({ type: "object", properties: { a: texts } }) },
        { name: "X-Ids", in: "header", schema: texts },
      ],
      responses: echo,
    },
  },
  "/many/{ids}": {
    get: {
      operationId: "getMany",
      parameters: [{ name: "ids", in: "path", required: true, schema: texts }],
      responses: echo,
    },
  },
  "/files": {
    post: {
      operationId: "upload",
      requestBody: {
        required: true,
        content: {
          "multipart/form-data": {
            schema: {
              type: "object",
              required: ["file"],
              properties: {
                file: { type: "string", format: "binary" },
                title: { type: "string" },
                meta: { type: "object", properties: { tags: texts } },
              },
            },
          },
        },
      },
      responses: echo,
    },
  },
  "/form": {
    post: {
      operationId: "sendForm",
      requestBody: {
        content: {
          "application/x-www-form-urlencoded": {
            schema: {
              type: "object",
              properties: { name: { type: "string" }, tags: texts, on: { type: "boolean" } },
            },
          },
        },
      },
      responses: echo,
    },
  },
  "/pets": {
    get: {
      operationId: "listPets",
      parameters: [
        query("page", { type: "integer" }),
        query("per_page", { type: "integer", maximum: 2 }),
        query("name", { type: "string" }),
      ],
      responses: answers({ type: "array", items: ref("Pet") }, { Link: { schema: { type: "string" } } }),
    },
    post: {
      operationId: "createPet",
      requestBody: { required: true, content: json(ref("Pet")) },
      responses: answers(ref("Pet")),
    },
  },
  "/pets/{id}": {
    parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
    get: { operationId: "getPet", responses: answers(ref("Pet")) },
    patch: {
      operationId: "changePet",
      requestBody: { required: true, content: json(ref("Pet")) },
      responses: answers(ref("Pet")),
    },
    delete: { operationId: "removePet", responses: { "204": { description: "gone" } } },
  },
  "/shapes": {
    post: {
      operationId: "draw",
      requestBody: { required: true, content: json(ref("Shape")) },
      responses: answers(ref("Shape")),
    },
  },
  "/trees": {
    post: {
      operationId: "plant",
      requestBody: { required: true, content: json(ref("Tree")) },
      responses: answers(ref("Tree")),
    },
  },
};

const schemas = {
  Pet: {
    type: "object",
    required: ["id", "name"],
    properties: {
      id: { type: "string", readOnly: true },
      name: { type: "string" },
      nick: { type: ["string", "null"] },
      size: { type: ["integer", "string"] },
      secret: { type: "string", writeOnly: true },
    },
  },
  Shape: {
    oneOf: [ref("Circle"), ref("Square")],
    discriminator: { propertyName: "form", mapping: { round: "#/components/schemas/Circle" } },
  },
  Circle: {
    type: "object",
    required: ["form", "radius"],
    properties: { form: { type: "string" }, radius: { type: "number" } },
  },
  Square: {
    type: "object",
    required: ["form", "side"],
    properties: { form: { type: "string" }, side: { type: "number" } },
  },
  Tree: {
    type: "object",
    required: ["name"],
    properties: { name: { type: "string" }, branches: { type: "array", items: ref("Tree") } },
    additionalProperties: false,
  },
};

let plugin: GeneratedPlugin;
let host: TestHost;
let answer: (request: Request) => Response | Promise<Response>;

before(async (t) => {
  plugin = generate(described(paths, { openapi: "3.1.0", components: { schemas }, security: [] }));
  // biome-ignore lint/suspicious/noExplicitAny: the context of a hook has `after` as that of a test has
  const root = await writePlugins(t as any, { plugin });
  host = await createTestHost({ directory: join(root, "plugin"), answer: (request) => answer(request) });
});

after(() => host.close());

/** What an action sends; it is answered with what the description lets it be. */
async function sentBy(action: string, input: { [name: string]: Json }) {
  answer = () => Response.json({});
  await host.run(action, input);
  const sent = host.requests.at(-1) ?? assert.fail();
  return { ...sent, line: sent.url.replace("https://api.shop.test/v1", "") };
}

test("parameters are written in their styles", async () => {
  const { line, headers } = await sentBy("search", {
    spaced: ["a", "b c"],
    piped: ["a", "b|c"],
    commas: ["a", "b,c"],
    repeated: ["a", "b&c"],
    range: { from: 1, to: 2 },
    spread: { x: "1", y: "2" },
    coded: { a: ["ü"] },
    "X-Ids": ["1", "2"],
  });
  const { pathname, searchParams } = new URL(line, "https://x");
  assert.equal(pathname, "/search");
  assert.deepEqual([...searchParams].sort(), [
    ["coded", '{"a":["ü"]}'],
    ["commas", "a,b,c"],
    ["piped", "a|b|c"],
    ["range[from]", "1"],
    ["range[to]", "2"],
    ["repeated", "a"],
    ["repeated", "b&c"],
    ["spaced", "a b c"],
    ["x", "1"],
    ["y", "2"],
  ]);
  assert.equal(headers["x-ids"], "1,2");
  assert.equal((await sentBy("get-many", { ids: ["a b", "c"] })).line, "/many/a%20b,c");
});

test("files are parts of a form, with their names and types", async () => {
  const file = {
    filename: 'a "b".txt',
    contentType: "text/plain",
    base64: Buffer.from([0xff, 0, 10]).toString("base64"),
  };
  let form: FormData | undefined;
  answer = async (request) => {
    form = await request.formData();
    return Response.json({});
  };
  await host.run("upload", { file, title: "Ünïcode", meta: { tags: ["x"] } });
  const part = form?.get("file") as File;
  assert.deepEqual([...new Uint8Array(await part.arrayBuffer())], [0xff, 0, 10]);
  assert.deepEqual([part.name, part.type], ['a "b".txt', "text/plain"]);
  assert.equal(form?.get("title"), "Ünïcode");
  assert.deepEqual(JSON.parse(String(form?.get("meta"))), { tags: ["x"] });
  const sent = await sentBy("send-form", { name: "a b&c", tags: ["1", "2"], on: true });
  assert.equal(sent.headers["content-type"], "application/x-www-form-urlencoded;charset=UTF-8");
  assert.equal(sent.body, "name=a+b%26c&tags=1&tags=2&on=true");
});

test("what a type may be in 3.1, it may be: several, or null", async () => {
  answer = () => Response.json({ id: "1", name: "Rex", nick: null, size: "XL", further: 1 });
  const input = { name: "Rex", nick: null, size: 3, secret: "s" };
  assert.deepEqual(await host.run("create-pet", input), {
    id: "1",
    name: "Rex",
    nick: null,
    size: "XL",
    further: 1,
  });
  assert.deepEqual(host.requests.at(-1)?.json, input);
  await assert.rejects(host.run("create-pet", { ...input, size: 1.5 }), /\/size/);
  await assert.rejects(
    host.run("create-pet", { ...input, id: "2" }),
    /\/id/,
    "what is read only is not written",
  );
});

test("a discriminator tells which of several is meant", async () => {
  answer = async (request) =>
    new Response(await request.text(), { headers: { "content-type": "application/json" } });
  const draw = (body: { [name: string]: Json }) => host.run("draw", { body });
  assert.deepEqual(await draw({ form: "round", radius: 2 }), { form: "round", radius: 2 });
  assert.deepEqual(await draw({ form: "Square", side: 2 }), { form: "Square", side: 2 });
  await assert.rejects(draw({ form: "round", side: 2 }), /radius/);
  await assert.rejects(draw({ form: "triangle", side: 2 }), TypeError);
});

test("a schema within itself is checked as far as it is written out, and open below", async () => {
  answer = async (request) =>
    new Response(await request.text(), { headers: { "content-type": "application/json" } });
  const tree = { name: "oak", branches: [{ name: "one", branches: [{ name: "two", branches: [] }] }] };
  assert.deepEqual(await host.run("plant", tree), tree);
  await assert.rejects(host.run("plant", { name: "oak", branchs: [] }), TypeError);
  assert.ok(plugin.notes.some(({ kind, pointer }) => kind === "simplified" && /Tree/.test(pointer)));
});

test("an entity of the description lists by its Link header, and reads and writes records", async () => {
  assert.deepEqual(plugin.entities, ["pet"]);
  const pets = ["1", "2", "3"].map((id) => ({ id, name: `Pet ${id}` }));
  answer = (request) => {
    const { searchParams } = new URL(request.url);
    const page = Number(searchParams.get("page") ?? 1);
    const next = page === 1 ? { link: '<https://api.shop.test/v1/pets?page=2&per_page=2>; rel="next"' } : {};
    return Response.json(pets.slice(page * 2 - 2, page * 2), { headers: next });
  };
  const first = await host.entity("pet", "list", { limit: 50 });
  assert.deepEqual(first.items, pets.slice(0, 2));
  assert.match(host.requests.at(-1)?.url ?? "", /[?&]per_page=2\b/);
  const last = await host.entity("pet", "list", { limit: 50, cursor: first.nextCursor });
  assert.deepEqual([last.items, last.nextCursor], [pets.slice(2), null]);
  await host.entity("pet", "list", { filter: { name: "Rex" } });
  assert.match(host.requests.at(-1)?.url ?? "", /[?&]name=Rex\b/);

  answer = (request) =>
    request.method === "DELETE" ? new Response(null, { status: 204 }) : Response.json(pets[0]);
  assert.deepEqual(await host.entity("pet", "get", { key: "a b" }), pets[0]);
  assert.deepEqual(await host.entity("pet", "create", { record: { name: "Rex" } }), pets[0]);
  assert.deepEqual(await host.entity("pet", "update", { key: "1", changes: { name: "Max" } }), pets[0]);
  assert.equal(await host.entity("pet", "remove", { key: "1" }), null);
  assert.deepEqual(
    host.requests.slice(-4).map(({ method, url, json }) => [method, new URL(url).pathname, json]),
    [
      ["GET", "/v1/pets/a%20b", undefined],
      ["POST", "/v1/pets", { name: "Rex" }],
      ["PATCH", "/v1/pets/1", { name: "Max" }],
      ["DELETE", "/v1/pets/1", undefined],
    ],
  );
  answer = () => new Response("", { status: 404 });
  await assert.rejects(host.entity("pet", "get", { key: "1" }), { code: "not-found" });
});
