import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { interceptDials } from "./dials.ts";
import { grantOf, openPlugin, pluginOf, startVendor, vendorHost, vendorUrl } from "./harness.ts";

const notGranted = { code: "fetch-not-granted" };

describe("a host that is not exactly the granted one is refused, and nothing is looked up or dialled:", () => {
  const urls = [
    "https://evil.test/",
    "https://vendor.test/",
    "https://www.api.vendor.test/",
    "https://api.vendor.test.evil.test/",
    "https://api.vendor.test./",
    "https://api.vendor.test:8443/",
    "https://api.vendor.test:80/",
    "https://apixvendor.test/",
    "https://evil.test\\@api.vendor.test/",
    "https://evil.test#@api.vendor.test/",
    "https://evil.test?@api.vendor.test/",
    "https://api.vendor.test%2eevil.test/",
    "https://\u0430pi.vendor.test/", // a Cyrillic а
    "https://api\u3002vendor\u3002test\u3002evil.test/",
    "https://127.0.0.1/",
    "https://[::1]/",
  ];
  for (const url of urls) {
    test(url, async (t) => {
      const dials = interceptDials(t);
      const asked: string[] = [];
      const resolve = async (name: string) => {
        asked.push(name);
        return [];
      };
      const plugin = openPlugin(t, { resolve });
      await assert.rejects(plugin.fetch({ url }), notGranted);
      assert.deepEqual([asked, dials.addresses, plugin.credentialsOpened], [[], [], 0]);
    });
  }
});

describe("other spellings of the granted host are the granted host:", () => {
  const urls = [
    "https://API.Vendor.TEST/",
    "https://api.vendor.test:443/",
    "https:\\\\api.vendor.test/",
    "https://api\u3002vendor\u3002test/", // IDNA maps the ideographic full stop to a dot
    "  https://api.ven\tdor.test/\n",
  ];
  for (const url of urls) {
    test(JSON.stringify(url), async (t) => {
      const vendor = await startVendor(t);
      const reply = await pluginOf(t, vendor).fetch({ url });
      assert.equal(reply.url, `${vendorUrl}/`);
    });
  }
});

test("the method must be granted for the host", async (t) => {
  const vendor = await startVendor(t);
  const plugin = pluginOf(t, vendor, {
    network: [
      { hosts: [vendorHost], methods: ["GET"], reason: "read" },
      { hosts: ["other.vendor.test"], methods: ["POST"], reason: "write elsewhere" },
    ],
  });
  await plugin.fetch();
  await assert.rejects(plugin.fetch({ method: "POST" }), notGranted);
  await assert.rejects(plugin.fetch({ method: "HEAD" }), notGranted);
  assert.deepEqual(
    vendor.requests.map(({ method }) => method),
    ["GET"],
  );
});

test("the path must be granted where the permission names paths", async (t) => {
  const vendor = await startVendor(t);
  const plugin = pluginOf(t, vendor, {
    network: [{ hosts: [vendorHost], methods: ["GET"], paths: ["/v1/**"], reason: "read" }],
  });
  await plugin.fetch({ url: `${vendorUrl}/v1/a/b?x=1` });
  for (const path of ["/v2/a", "/v1/../v2", "/v1/%2e%2e/v2", "/v1/..%2fv2", "/"]) {
    await assert.rejects(plugin.fetch({ url: `${vendorUrl}${path}` }), notGranted);
  }
  assert.equal(vendor.requests.length, 1);
});

test("a placeholder in a host is filled from the connection's config, and leads nowhere else", async (t) => {
  const vendor = await startVendor(t);
  const options = {
    network: grantOf("{shop}.vendor.test"),
    rewrite: { "blue.vendor.test": vendor.origin, "red.vendor.test": vendor.origin },
    connection: { config: { shop: "blue" } },
  };
  const plugin = openPlugin(t, options);
  assert.equal((await plugin.fetch({ url: "https://blue.vendor.test/" })).status, 200);
  await assert.rejects(plugin.fetch({ url: "https://red.vendor.test/" }), notGranted);
  const evil = openPlugin(t, { ...options, connection: { config: { shop: "evil.test/" } } });
  await assert.rejects(evil.fetch({ url: "https://evil.test/.vendor.test/" }), notGranted);
});

test("a port is granted where the permission names it", async (t) => {
  const dials = interceptDials(t);
  const plugin = openPlugin(t, {
    network: grantOf("api.vendor.test:8443"),
    resolve: async () => ["93.184.216.34"],
    limits: { maxRetries: 0 },
  });
  await assert.rejects(plugin.fetch({ url: "https://api.vendor.test:8443/" }), { code: "fetch-failed" });
  await assert.rejects(plugin.fetch({ url: vendorUrl }), notGranted);
  assert.deepEqual(dials.addresses, ["93.184.216.34:8443"]);
});

test("without any permission every request is refused, with what to do about it", async (t) => {
  const plugin = openPlugin(t, { network: [] });
  await assert.rejects(plugin.fetch(), {
    ...notGranted,
    message:
      "No permission of this plugin covers GET https://api.vendor.test/. It may use: no host at all. " +
      "Declare more under permissions.network in plugin.json.",
  });
});

for (const status of ["inactive", "error", "configuring", ""]) {
  test(`a connection whose status is "${status}" sends nothing`, async (t) => {
    const vendor = await startVendor(t);
    const plugin = pluginOf(t, vendor, { connection: { status } });
    await assert.rejects(plugin.fetch(), { code: "connection-inactive" });
    assert.deepEqual([vendor.requests.length, plugin.credentialsOpened], [0, 0]);
  });
}
