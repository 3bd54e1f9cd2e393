import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { parse } from "@babel/parser";
import { packPlugin } from "../../cli/index.ts";
import type { DescriptionError, GeneratedPlugin } from "../../openapi/index.ts";
import { described, generate, textOf, writePlugins } from "./project.ts";

/** Texts that would end a comment, a string or a template, or that some tool takes for an order. */
const evil = [
  "*/ globalThis.owned = 1; /*",
  "`; globalThis.owned = 1; `",
  '"; globalThis.owned = 1; "',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what would be one in the code that is made
  "${globalThis.owned = 1}",
  '\\"; globalThis.owned = 1; //',
  "\u2028globalThis.owned = 1\u2029",
  "</script><script>globalThis.owned = 1</script>",
  "@ts-expect-error @ts-nocheck",
  "# sourceMappingURL=https://evil.test/map",
  "__proto__",
  "constructor",
  "\u202e\u200btxt.exe\u0000\u001b[2J",
  "'; DROP TABLE plugins; --",
  "\ud800",
].join(" ");

function hostile(): object {
  const schema = {
    type: "object",
    title: evil,
    description: evil,
    properties: {
      [evil]: { type: "string", description: evil, default: evil, pattern: "`*/[$]{1}" },
      constructor: { type: "string" },
      choice: { type: "string", enum: [evil, "plain"] },
    },
    required: [evil],
  };
  return described(
    {
      [`/things/{${evil.replaceAll("/", "")}}/x`]: { get: { responses: {} } },
      "/things/{id}/`+owned+`": {
        parameters: [
          { name: "id", in: "path", required: true, description: evil, schema: { type: "string" } },
        ],
        post: {
          operationId: evil,
          summary: evil,
          description: evil,
          tags: [evil],
          externalDocs: { url: "https://x.test/*/globalThis.owned=1/*" },
          parameters: [
            { name: evil, in: "query", description: evil, schema: { type: "string" } },
            { name: `X-${evil}`, in: "header", schema: { type: "string" } },
            { name: "X-Fine", in: "header", description: evil, schema: { type: "string" } },
          ],
          requestBody: {
            required: true,
            content: { "application/json": { schema: { $ref: "#/components/schemas/E*~1" } } },
          },
          responses: { 200: { description: evil, content: { "application/json": { schema } } } },
        },
      },
    },
    {
      info: { title: evil, description: evil, version: evil },
      components: {
        schemas: { "E*/": schema },
        securitySchemes: { [evil]: { type: "apiKey", in: "header", name: "X-Key", description: evil } },
      },
      security: [{ [evil]: [] }],
    },
  );
}

/** Nothing of the text is code: no assignment to the name that it assigns to, anywhere in what was made. */
function assertHarmless(plugin: GeneratedPlugin): void {
  for (const { path, content } of plugin.files.filter((file) => file.path.endsWith(".ts"))) {
    const ast = parse(content, { sourceType: "module", plugins: ["typescript"] });
    const owned: string[] = [];
    JSON.stringify(ast.program, (key, value) => {
      if (key === "name" && value === "owned") owned.push(path);
      return key === "loc" ? undefined : value;
    });
    assert.deepEqual(owned, [], `${path} has the description's code in it`);
    for (const comment of ast.comments ?? []) assert.doesNotMatch(comment.value, /@ts-|# ?source/i);
  }
}

test("text of a description stays text: in code, comments, the manifest and the README", async (t) => {
  const plugin = generate(hostile());

  assertHarmless(plugin);
  assert.equal(plugin.actions.length, 1);
  const root = await writePlugins(t, { hostile: plugin });
  const built = await packPlugin({ directory: join(root, "hostile") });
  assert.equal(Object.keys(built.manifest.contributes?.actions ?? {}).length, 1);
  assert.doesNotMatch(textOf(plugin, "README.md"), /<script>|\p{Cc}(?<!\n)|\u202e/u);
  for (const { path } of plugin.files) assert.match(path, /^[A-Za-z0-9/.-]+$/);
  for (const { path } of plugin.files) assert.doesNotMatch(path, /\.\.|^\//);
});

test("a name that begins like a spread is a name: of a property, a parameter and in a default", async (t) => {
  const short = "...(globalThis.owned=1,{}),a";
  const long = `${short}${" and so on".repeat(6)}`;
  const plugins = Object.fromEntries(
    Object.entries({ short, long }).map(([which, name]) => {
      const body = {
        type: "object",
        required: [name],
        properties: { [name]: { type: "string", default: name } },
      };
      const settings = { type: "object", default: { [name]: { [name]: 1 } } };
      const answer = { type: "object", properties: { [name]: { type: "string" }, settings } };
      const query = [
        { name, in: "query", schema: { type: "string" } },
        { name: `${name}[]`, in: "query", schema: { type: "array", items: { type: "string" } } },
        { name: "input", in: "query", explode: false, schema: { type: "array", items: { type: "string" } } },
      ];
      const responses = { 200: { description: "", content: { "application/json": { schema: answer } } } };
      const content = (type: string) => ({ required: true, content: { [type]: { schema: body } } });
      const header = { name: "X-Fine", in: "header", schema: { type: "string" } };
      const paths = {
        "/search": { get: { operationId: "search", parameters: query, responses } },
        "/things": { post: { operationId: "add", requestBody: content("application/json"), responses } },
        "/forms": {
          post: {
            operationId: "send",
            parameters: [...query, header],
            requestBody: content("application/x-www-form-urlencoded"),
            responses,
          },
        },
        "/files": { post: { operationId: "upload", requestBody: content("multipart/form-data"), responses } },
      };
      return [which, generate(described(paths))];
    }),
  );

  const root = await writePlugins(t, plugins);
  for (const [which, plugin] of Object.entries(plugins)) {
    assertHarmless(plugin);
    const { manifest } = await packPlugin({ directory: join(root, which) });
    const { search, add } = manifest.contributes?.actions ?? {};
    const name = which === "short" ? short : long;
    for (const input of [search?.input, add?.input])
      assert.ok(Object.hasOwn((input as { properties: object }).properties, name), which);
    const inputs = plugin.files.flatMap(({ content }) => [...content.matchAll(/ input: \{\s*("[^"]+")/g)]);
    assert.ok(
      inputs.some(([, first]) => first === JSON.stringify(name)),
      which,
    );
  }
});

test("names that would change objects are left out, and said to be", () => {
  const text = `{"openapi":"3.1.0","info":{"title":"x","version":"1"},"servers":[{"url":"https://api.shop.test"}],
    "__proto__":{"polluted":true},
    "paths":{"/a":{"post":{"operationId":"a","requestBody":{"required":true,"content":{"application/json":{"schema":
      {"type":"object","required":["__proto__","b"],"properties":{"__proto__":{"type":"string"},"b":{"type":"string"}}}}}},
      "parameters":[{"name":"__proto__","in":"query","schema":{"type":"string"}}],"responses":{"204":{"description":""}}}}}}`;
  const plugin = generate(text);

  assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  assert.doesNotMatch(textOf(plugin, "actions/a.ts"), /__proto__/);
  assert.ok(
    plugin.notes.some(
      ({ kind, pointer }) => kind === "left-out" && pointer.endsWith("/properties/__proto__"),
    ),
  );
});

test("references that multiply, go in circles or lead nowhere end in time and in a plugin that builds", async (t) => {
  const many = Object.fromEntries(
    Array.from({ length: 40 }, (_, index) => [
      `L${index}`,
      {
        type: "object",
        properties: Object.fromEntries(
          "abcdefghij".split("").map((name) => [name, { $ref: `#/components/schemas/L${index + 1}` }]),
        ),
      },
    ]),
  );
  const merged = Object.fromEntries(
    Array.from({ length: 30 }, (_, index) => [
      `M${index}`,
      {
        properties: {
          p: { allOf: [{ $ref: `#/components/schemas/M${index + 1}` }, { minProperties: 1 }] },
          q: { allOf: [{ $ref: `#/components/schemas/M${index + 1}` }, { maxProperties: 9 }] },
        },
      },
    ]),
  );
  const schemas = {
    ...many,
    L40: { type: "string" },
    ...merged,
    M30: { type: "object", properties: { x: { type: "string" } } },
    Tree: {
      type: "object",
      required: ["name"],
      properties: {
        name: { type: "string" },
        children: { type: "array", items: { $ref: "#/components/schemas/Tree" } },
      },
    },
    Ring: { $ref: "#/components/schemas/Ring2" },
    Ring2: { $ref: "#/components/schemas/Ring" },
    Self: {
      allOf: [
        { $ref: "#/components/schemas/Self" },
        { type: "object", properties: { a: { type: "string" } } },
      ],
    },
  };
  const names = ["L0", "M0", "Tree", "Ring", "Self", "Nowhere"];
  const content = (ref: string) => ({ "application/json": { schema: { $ref: ref } } });
  const paths = Object.fromEntries(
    [
      ...names.map((name) => `#/components/schemas/${name}`),
      "other.yaml#/Pet",
      "https://evil.test/x.json",
    ].map((ref, index) => [
      `/r${index}`,
      {
        post: {
          operationId: `r${index}`,
          requestBody: { required: true, content: content(ref) },
          responses: { 200: { description: "", content: content(ref) } },
        },
      },
    ]),
  );
  const plugin = generate(described(paths, { components: { schemas } }));

  const root = await writePlugins(t, { rings: plugin });
  const { manifest } = await packPlugin({ directory: join(root, "rings") });
  assert.equal(Object.keys(manifest.contributes?.actions ?? {}).length, 8);
  const tree = manifest.contributes?.actions?.r2?.input as { properties: { children: { items: object } } };
  assert.deepEqual(tree.properties.children.items, {});
  const reasons = plugin.notes.map(({ reason }) => reason).join("\n");
  for (const said of ["refers back to what it is part of", "refers to another file", "refers to nothing"])
    assert.match(reasons, new RegExp(said));
});

test("a schema that YAML puts into itself ends in time, and in words", () => {
  const schema = `      X: &x
        type: object
        properties:
          a: *x
          b: {items: *x, allOf: [*x]}
`;
  const text = `openapi: 3.0.3
info: {title: x, version: "1"}
servers: [{url: https://api.shop.test}]
paths:
  /a:
    post:
      operationId: a
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/X"}}}}
      responses: {"204": {description: ""}}
components:
  schemas:
${schema.replaceAll(/^ {2}/gm, "")}`;
  const plugin = generate(text);
  assert.equal(plugin.actions.length, 1);
});

test("what is nested too deep, is no description, or is of another version is refused in words", async (t) => {
  const refusal = (text: string): Pick<DescriptionError, "code" | "message"> => {
    try {
      generate(text);
    } catch (error) {
      return error as DescriptionError;
    }
    assert.fail("nothing was refused");
  };
  const bomb = `openapi: 3.0.0\na: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefghi"
    .split("")
    .map((name, index) => `${name}: &${name} [${Array(10).fill(`*${"abcdefghi"[index]}`).join(",")}]`)
    .join("\n")}`;

  assert.equal(refusal(bomb).code, "description-malformed");
  assert.equal(refusal(`openapi: 3.0.0\nx: ${"[".repeat(20_000)}`).code, "description-malformed");
  assert.equal(refusal("{not json").code, "description-malformed");
  assert.equal(refusal('"text"').code, "description-malformed");
  assert.match(
    refusal('{"swagger":"2.0"}').message,
    /Swagger 2\.0; expected OpenAPI 3\.0 or 3\.1\. Convert it first/,
  );
  assert.match(refusal('{"openapi":"4.0.0"}').message, /"4\.0\.0"; expected 3\.0 or 3\.1/);
  assert.match(refusal('{"a":1}').message, /no member "openapi"/);

  const [open, close] = ['{"type":"object","properties":{"a":', "}}"].map((text) => text.repeat(3_000));
  const deep = `${open}{}${close}`;
  const text = JSON.stringify(
    described({
      "/a": { post: { requestBody: { content: { "application/json": { schema: "deep" } } }, responses: {} } },
    }),
  ).replace('"deep"', deep);
  const plugin = generate(text);
  const root = await writePlugins(t, { deep: plugin });
  await writeFile(join(root, "deep", "LICENSE"), "MIT");
  await packPlugin({ directory: join(root, "deep") });
  assert.ok(plugin.notes.some(({ reason }) => /nested too deep/.test(reason)));
});

test("a server that a plugin must not reach is refused, and so is one that is not said", () => {
  const codeOf = (server: string): string => {
    try {
      generate(described({ "/a": { get: { responses: {} } } }, { servers: [{ url: server }] }));
    } catch (error) {
      return (error as DescriptionError).code;
    }
    return "made";
  };
  assert.equal(codeOf("https://api.shop.test"), "made");
  for (const server of [
    "/v1",
    "https://127.0.0.1/v1",
    "https://localhost",
    "https://*.test",
    "https://a@b.test/",
    "ftp://x.test",
    "https://[::1]/",
  ])
    assert.equal(codeOf(server), "description-server-unknown", server);
});
