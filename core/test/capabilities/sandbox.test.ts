import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { openSandbox } from "@plugboard/sandbox";
import { createLogger } from "@plugboard/service-kit/observe";
import { logCapability } from "../../kernel/capabilities/index.ts";
import { key, openPlugin, type Plugin, pluginOf, startVendor, vendorUrl } from "./harness.ts";

/** Runs code as an action of a plugin in the real sandbox, with the broker's `fetch` and the host's `log`. */
async function run(t: TestContext, plugin: Plugin, body: string) {
  const lines: string[] = [];
  const sandbox = openSandbox({
    id: "acme/vendor",
    version: "1.0.0",
    binary: false,
    code: `module.exports.default = { actions: { run: { kind: "action", async run({ fetch, log }) { ${body} } } } };`,
  });
  t.after(() => sandbox.close({ graceMs: 0 }));
  const logger = createLogger({ name: "test", destination: { write: (line) => void lines.push(line) } });
  const output = await sandbox.call({
    tenantId: "tnt_1",
    target: { kind: "action", name: "run" },
    input: null,
    capabilities: { fetch: plugin.capability, log: logCapability({ logger }) },
  });
  return { output, lines };
}

test("a plugin's fetch goes through the broker: the vendor sees the credential, the plugin does not", async (t) => {
  const vendor = await startVendor(t, (_, response, seen) => {
    response.writeHead(201, { "content-type": "application/json", "x-echo": key });
    response.end(JSON.stringify({ key: seen.headers["x-api-key"], body: seen.body }));
  });
  const { output, lines } = await run(
    t,
    pluginOf(t, vendor),
    `const response = await fetch("${vendorUrl}/v1/things", {
       method: "POST",
       headers: { "content-type": "application/json", "x-api-key": "placeholder" },
       body: JSON.stringify({ name: "Jörg" }),
     });
     log.info("asked the vendor", { status: response.status });
     return { status: response.status, echo: response.headers.get("x-echo"), ...(await response.json()) };`,
  );
  assert.deepEqual(output, { status: 201, echo: "[redacted]", key: "[redacted]", body: '{"name":"Jörg"}' });
  assert.equal(vendor.requests[0]?.headers["x-api-key"], key);
  assert.match(lines.join(""), /asked the vendor/);
});

test("a request that is given up in the turn it was made in may fail later, and nobody but it is the worse for it", async (t) => {
  const lookUp = Promise.withResolvers<string[]>();
  let asked = 0;
  const plugin = openPlugin(t, {
    resolve: () => {
      asked++;
      return lookUp.promise;
    },
  });
  const { output } = await run(
    t,
    plugin,
    `const controller = new AbortController();
     const reply = fetch("${vendorUrl}", { signal: controller.signal });
     controller.abort();
     return reply.then(() => "answered", ({ name }) => name);`,
  );
  assert.deepEqual([output, asked], ["AbortError", 1]);
  // Who hears of it now? A rejection that nobody hears would end the host; here it fails the test.
  lookUp.reject(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" }));
  await new Promise((resolve) => setImmediate(resolve));
});

test("a reply that says it is JSON, and is not, is a reply that the plugin cannot read; nothing is repeated", async (t) => {
  const vendor = await startVendor(t, (_, response) =>
    response.writeHead(200, { "content-type": "application/json" }).end('{"id":1,'),
  );
  const requests: RequestsDeclaration = {
    limits: [
      {
        type: "token-bucket",
        capacity: 9,
        refillPerSecond: 1,
        reported: { cost: "/cost", remaining: "/left" },
      },
    ],
    retries: { replies: [{ at: "/errors/0/code", is: ["THROTTLED"] }] },
  };
  const { output } = await run(
    t,
    pluginOf(t, vendor, { requests }),
    `const response = await fetch("${vendorUrl}/v1/things");
     const text = await response.clone().text();
     try { return await response.json(); } catch (error) { return [response.status, text, error.name]; }`,
  );
  assert.deepEqual(output, [200, '{"id":1,', "SyntaxError"]);
  assert.equal(vendor.requests.length, 1);
});

test("a plugin says whether it follows a redirect, and sees where it leads without what is secret in it", async (t) => {
  const vendor = await startVendor(t, (_, response) =>
    response.writeHead(302, { location: `${vendorUrl}/files/1?key=${key}` }).end(),
  );
  const { output } = await run(
    t,
    pluginOf(t, vendor),
    `const { status, headers } = await fetch("${vendorUrl}/v1/file", { redirect: "manual" });
     const code = await fetch("${vendorUrl}/v1/file", { redirect: "error" }).catch((error) => error.code);
     return [status, headers.get("location"), code];`,
  );
  assert.deepEqual(output, [302, `${vendorUrl}/files/1?key=[redacted]`, "fetch-redirect-refused"]);
  assert.equal(vendor.requests.length, 2);
});

test("a refusal reaches the plugin with its code and message", async (t) => {
  const vendor = await startVendor(t);
  const { output } = await run(
    t,
    pluginOf(t, vendor),
    `try { await fetch("https://evil.test/"); return "sent"; } catch (error) { return [error.code, error.message]; }`,
  );
  const [code, message] = output as string[];
  assert.equal(code, "fetch-not-granted");
  assert.match(message ?? "", /^No permission of this plugin covers GET https:\/\/evil\.test\//);
  assert.equal(vendor.requests.length, 0);
});
