import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { interceptDials } from "./dials.ts";
import {
  grantOf,
  key,
  openPlugin,
  type PluginOptions,
  startVendor,
  testClock,
  vendorHost,
  vendorUrl,
} from "./harness.ts";

/** Every way that a request can go wrong after the credential was added, by a vendor that echoes what it can. */
const vendors: Record<string, NonNullable<Parameters<typeof startVendor>[1]>> = {
  answers: (_, response, seen) => response.end(JSON.stringify(seen)),
  fails: (_, response, seen) =>
    response.writeHead(500, { "x-echo": encodeURI(seen.url) }).end(JSON.stringify(seen)),
  "cuts the connection": (_, response) => response.destroy(),
  "sends half a body": (_, response) => {
    response.writeHead(200, { "content-length": "1000" });
    response.write(key, () => response.destroy());
  },
  "sends nonsense": (request) => request.socket.end(`HTTP/1.1 ${key}\r\n\r\n`),
  "sends too much": (_, response) => response.end(key.repeat(1000)),
  "sends a strange coding": (_, response) =>
    response.writeHead(200, { "content-encoding": encodeURIComponent(key) }).end(),
  "redirects to itself": (_, response, { url }) => response.writeHead(302, { location: url }).end(),
  "redirects to a host that is not granted": (_, response) => {
    response.writeHead(302, { location: `https://evil.test/${encodeURIComponent(key)}` }).end();
  },
  "redirects to a host made of it": (_, response) => {
    response.writeHead(302, { location: `https://${Buffer.from(key).toString("hex")}.test/` }).end();
  },
  "redirects to a scheme made of it": (_, response) =>
    response.writeHead(302, { location: `k3y${key}:x` }).end(),
  "redirects to another granted host": (_, response) => {
    response.writeHead(307, { location: `https://files.vendor.test/${encodeURIComponent(key)}` }).end();
  },
};

const auths: NonNullable<PluginOptions["connection"]>[] = [
  { auth: { type: "apiKey", in: "header", name: "X-Api-Key" } },
  { auth: { type: "apiKey", in: "query", name: "api_key" } },
  { auth: { type: "bearer" }, credential: async () => ({ type: "bearer", token: key }) },
  { auth: { type: "basic" }, credential: async () => ({ type: "basic", username: "me", password: key }) },
];

/** The key as it is and as the injected forms of it. */
const traces = [
  key,
  encodeURIComponent(key),
  Buffer.from(key).toString("hex"),
  Buffer.from(`me:${key}`).toString("base64"),
];

for (const [what, handle] of Object.entries(vendors)) {
  for (const connection of auths) {
    const { type, in: place = "" } = connection.auth as { type: string; in?: string };
    test(`a vendor that ${what} brings the credential (${type} ${place}) to no plugin, log or metric`, async (t) => {
      const vendor = await startVendor(t, handle);
      const plugin = openPlugin(t, {
        connection,
        rewrite: { [vendorHost]: vendor.origin, "files.vendor.test": vendor.origin },
        network: grantOf(vendorHost, "files.vendor.test"),
        limits: { maxResponseBytes: 4096, maxRetries: 1 },
        clock: testClock(),
      });
      const outcome = await plugin.fetch({ url: `${vendorUrl}/?a=1` }).catch((error: unknown) => error);
      const seen = vendor.requests[0] ?? assert.fail("the vendor was reached");
      assert.ok(
        traces.some((trace) => `${seen.url}${seen.rawHeaders}`.includes(trace)),
        "with the credential",
      );
      expectNoTrace(outcome, plugin.logged(), await plugin.metrics.text());
    });
  }
}

for (const [what, resolve] of Object.entries({
  "cannot be reached": async () => ["93.184.216.34"],
  "does not resolve": async () => [],
})) {
  test(`a vendor that ${what} brings the credential to no plugin, log or metric`, async (t) => {
    interceptDials(t);
    const plugin = openPlugin(t, { resolve, clock: testClock(), connection: auths[1] ?? {} });
    const outcome = await plugin.fetch().catch((error: unknown) => error);
    assert.ok(outcome instanceof Error);
    expectNoTrace(outcome, plugin.logged(), await plugin.metrics.text());
  });
}

/** Looks at everything that hangs on an outcome: causes, hidden properties, symbols, bytes. */
function expectNoTrace(outcome: unknown, ...texts: string[]): void {
  const reply = outcome as { body?: Uint8Array };
  const all = [
    inspect(outcome, {
      depth: Number.POSITIVE_INFINITY,
      showHidden: true,
      maxStringLength: null,
      maxArrayLength: null,
    }),
    reply.body ? Buffer.from(reply.body).toString("latin1") : "",
    ...texts,
  ].join("\n");
  for (const trace of traces) assert.ok(!all.includes(trace), `found ${trace} in:\n${all}`);
  assert.doesNotMatch(all, /got|RequestError|ReadError/);
}
