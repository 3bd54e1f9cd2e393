import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { compileContributedSchema, type JsonSchema } from "@plugboard/plugin-sdk/manifest";
import { type Capability, openSandbox, SandboxError } from "@plugboard/sandbox";
import { places } from "../manifest/example-manifest.ts";
import { bundleFixture } from "./bundle-fixture.ts";

describe("a plugin that uses the whole authoring API", () => {
  it("carries less than 4 KB of it, minified", async () => {
    const bytes = Buffer.byteLength(await bundleFixture({ minify: true }));
    assert.ok(bytes < 4 * 1024, `the bundle has ${bytes} bytes`);
  });

  it("leaves out the helpers that it does not use", async () => {
    const code = await bundleFixture({ minify: false });
    for (const name of ["graphql", "paginate", "pageByLink", "withQuery", "NotFoundError", "vendorError"])
      assert.doesNotMatch(code, new RegExp(`\\b${name}\\b`), name);
  });

  it("brings in nothing else, and nothing that a compartment refuses", async () => {
    const code = await bundleFixture({ minify: false });
    const sources = [...code.matchAll(/^\/\/ (.*\.ts)$/gm)].map(([, path = ""]) =>
      path.replace(/^.*plugin-sdk\//, ""),
    );
    assert.ok(sources.length > 0);
    assert.deepEqual(
      sources.filter(
        (path) =>
          !path.startsWith("author/") && !path.startsWith("test/author/fixture/") && path !== "index.ts",
      ),
      [],
    );
    assert.doesNotMatch(code, /\beval\b|\bFunction\(|\bimport\(|\brequire\(|\bprocess\b/);
  });
});

describe("the same plugin in the sandbox", () => {
  async function run(status: number, logged: unknown[] = []) {
    const fetch: Capability = async (request) => ({
      status,
      statusText: "",
      url: (request as { url: string }).url,
      headers: [["content-type", "application/json"]],
      body: new TextEncoder().encode(JSON.stringify({ id: "c1", url: (request as { url: string }).url })),
    });
    const log: Capability = async (line) => {
      logged.push(line);
      return null;
    };
    const sandbox = openSandbox({
      id: "acme/shop",
      version: "1.0.0",
      code: await bundleFixture({ minify: true }),
      binary: false,
    });
    try {
      const output = await sandbox.call({
        tenantId: "tnt_1",
        target: { kind: "action", name: "get-customer" },
        input: { id: "c1" },
        context: { connection: { id: "con_1", config: { shop: "berlin" } } },
        capabilities: { fetch, log },
      });
      return { output, shape: await sandbox.describe() };
    } finally {
      await sandbox.close();
    }
  }

  it("runs with input, fetch, log and the connection's config", async () => {
    const logged: unknown[] = [];
    const { output } = await run(200, logged);
    assert.deepEqual(output, { id: "c1", url: "https://berlin.acme.com/customers/c1" });
    assert.deepEqual(logged, [{ level: "info", message: "fetched", fields: { id: "c1", status: 200 } }]);
  });

  it("throws PluginErrors that keep code, message and details", async () => {
    await assert.rejects(run(404), (error: unknown) => {
      assert.ok(error instanceof SandboxError);
      assert.equal(error.thrown?.code, "not-found");
      assert.equal(error.thrown?.message, "There is no customer c1.");
      assert.deepEqual(error.thrown?.details, { id: "c1" });
      return true;
    });
    await assert.rejects(run(429), (error: unknown) => {
      assert.ok(error instanceof SandboxError);
      assert.equal(error.thrown?.code, "rate-limited");
      assert.equal(Reflect.get(error.thrown ?? {}, "retryAfterMs"), 1_500);
      return true;
    });
  });

  it("describes itself in schemas that the manifest accepts, closed where it takes input", async () => {
    const { shape } = await run(200);
    const described = shape.actions["get-customer"];
    assert.equal(described?.title, "Get a customer");
    const input = compileContributedSchema(described?.input as JsonSchema);
    const output = compileContributedSchema(described?.output as JsonSchema);
    assert.deepEqual(input({ id: "c1", expand: ["orders"] }), []);
    assert.deepEqual(places(input({ id: "", expand: ["x"], surprise: 1 })).sort(), [
      "not-allowed /expand/0",
      "too-short /id",
      "unknown-field /surprise",
    ]);
    assert.deepEqual(output({ id: "c1", more: 1 }), []);
    assert.deepEqual(places(output({ email: "x" })).sort(), ["missing /id", "wrong-format /email"]);
  });
});
