import assert from "node:assert/strict";
import { test } from "node:test";
import { openSandbox } from "../index.ts";

test("an action gets its input, context and capabilities, and answers", async (t) => {
  const code = `module.exports.default = { actions: { greet: { async run({ input, fetch, connection }) {
    const response = await fetch("https://vendor.test/names/" + input.id);
    return { greeting: (await response.json()).name + " of " + connection.config.shop };
  } } } };`;
  const sandbox = openSandbox({ id: "acme/greeter", version: "1.0.0", code, binary: false });
  t.after(() => sandbox.close());
  const output = await sandbox.call({
    tenantId: "tnt_1",
    target: { kind: "action", name: "greet" },
    input: { id: 7 },
    context: { connection: { config: { shop: "north" } } },
    capabilities: {
      fetch: async (request) => {
        assert.deepEqual(request, {
          method: "GET",
          url: "https://vendor.test/names/7",
          headers: [],
          body: null,
          redirect: "follow",
        });
        return { status: 200, statusText: "OK", url: "", headers: [], body: Buffer.from(`{"name":"Ada"}`) };
      },
    },
  });
  assert.deepEqual(output, { greeting: "Ada of north" });
});
