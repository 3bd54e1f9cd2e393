import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createMetrics } from "@plugboard/service-kit/observe";
import { createEgressBroker, parseEgressRewrite } from "../../kernel/capabilities/index.ts";
import { grantOf, openPlugin, startVendor, textOf } from "./harness.ts";

test("a table of stand-ins is read", () => {
  const table = {
    "api.vendor.test": "http://127.0.0.1:4010",
    "xn--nchste-bua.test": "http://localhost:4011/",
    "shop.vendor.test": "http://[::1]:4012",
  };
  assert.deepEqual(parseEgressRewrite(JSON.stringify(table)), {
    "api.vendor.test": "http://127.0.0.1:4010",
    "xn--nchste-bua.test": "http://localhost:4011",
    "shop.vendor.test": "http://[::1]:4012",
  });
});

test("no table is an empty one", () => {
  for (const text of [undefined, "", " ", "{}"]) assert.deepEqual(parseEgressRewrite(text), {});
});

describe("a bad table stops the start with one line that says what is allowed:", () => {
  const host =
    /^PLUGBOARD_EGRESS_REWRITE: ".*" must be a host name in lower case without scheme, port or path, such as api.vendor.com\.$/;
  const standIn =
    /^PLUGBOARD_EGRESS_REWRITE: "a.test" must point at http:\/\/127.0.0.1:<port>, http:\/\/\[::1\]:<port> or http:\/\/localhost:<port>\.$/;
  const cases: [string, RegExp][] = [
    [
      "{",
      /^PLUGBOARD_EGRESS_REWRITE is not JSON; expected an object such as \{"api.vendor.com":"http:\/\/127.0.0.1:4010"\}\.$/,
    ],
    ["[]", /^PLUGBOARD_EGRESS_REWRITE must be a JSON object such as .*\.$/],
    ["null", /^PLUGBOARD_EGRESS_REWRITE must be a JSON object such as .*\.$/],
    ['"a"', /^PLUGBOARD_EGRESS_REWRITE must be a JSON object such as .*\.$/],
    ...["https://a.test", "a.test:8080", "A.test", "a.test/", "", "user@a.test", "*.test"].map(
      (key): [string, RegExp] => [JSON.stringify({ [key]: "http://127.0.0.1:1" }), host],
    ),
    ...[
      1,
      null,
      "",
      "127.0.0.1:4010",
      "https://127.0.0.1:4010",
      "http://127.0.0.1:4010/base",
      "http://127.0.0.1:4010/?x",
      "http://user@127.0.0.1:4010",
      "http://10.0.0.1:4010",
      "http://169.254.169.254",
      "http://vendor.test:4010",
      "http://localhost.evil.test",
      "http://127.0.0.1.evil.test",
    ].map((target): [string, RegExp] => [JSON.stringify({ "a.test": target }), standIn]),
  ];
  for (const [text, message] of cases) {
    test(text, () => {
      assert.throws(() => parseEgressRewrite(text), { message });
    });
  }

  test("also where the broker gets it unparsed", () => {
    const metrics = createMetrics({ runtime: false });
    assert.throws(() => createEgressBroker({ rewrite: { "a.test": "http://10.0.0.1:1" }, metrics }), {
      message: standIn,
    });
  });
});

test("a stand-in answers for its host alone, whatever the port; the grant is the vendor's own", async (t) => {
  const vendor = await startVendor(t, (_, response, { headers }) => response.end(headers.host));
  const plugin = openPlugin(t, {
    rewrite: { "api.vendor.test": vendor.origin },
    network: grantOf("api.vendor.test", "api.vendor.test:8443", "sub.api.vendor.test"),
    resolve: async () => ["127.0.0.1"],
  });
  assert.equal(textOf(await plugin.fetch({ url: "https://api.vendor.test/" })), "api.vendor.test");
  assert.equal(textOf(await plugin.fetch({ url: "https://api.vendor.test:8443/" })), "api.vendor.test:8443");
  await assert.rejects(plugin.fetch({ url: "https://sub.api.vendor.test/" }), {
    code: "fetch-address-not-public",
  });
  await assert.rejects(plugin.fetch({ url: `https://127.0.0.1:${vendor.port}/` }), {
    code: "fetch-not-granted",
  });
});
