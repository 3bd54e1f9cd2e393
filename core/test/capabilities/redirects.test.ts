import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { interceptDials } from "./dials.ts";
import {
  grantOf,
  headerOf,
  key,
  openPlugin,
  type PluginOptions,
  pluginOf,
  startVendor,
  textOf,
  vendorHost,
  vendorUrl,
} from "./harness.ts";

const otherHost = "files.vendor.test";

/** A vendor that redirects `/` to a target, and answers everything else. */
function redirecting(t: Parameters<typeof startVendor>[0], location: string, status = 302) {
  return startVendor(t, (_, response, { url }) => {
    if (new URL(url, vendorUrl).pathname === "/") response.writeHead(status, { location });
    response.end("answer");
  });
}

describe("a redirect on the same host is followed, with the credential:", () => {
  for (const location of [
    "/next",
    "next",
    `${vendorUrl}/next`,
    "//api.vendor.test/next",
    "./a/../next#part",
  ]) {
    test(location, async (t) => {
      const vendor = await redirecting(t, location);
      const reply = await pluginOf(t, vendor).fetch();
      assert.deepEqual([reply.status, textOf(reply), reply.url], [200, "answer", `${vendorUrl}/next`]);
      assert.deepEqual(
        vendor.requests.map(({ url, headers }) => [url, headers["x-api-key"]]),
        [
          ["/", key],
          ["/next", key],
        ],
      );
    });
  }
});

describe("the method after a redirect is the Fetch standard's:", () => {
  const cases: [number, string, string][] = [
    [301, "POST", "GET"],
    [302, "POST", "GET"],
    [303, "POST", "GET"],
    [307, "POST", "POST"],
    [308, "POST", "POST"],
    [301, "PUT", "PUT"],
    [302, "DELETE", "DELETE"],
    [303, "PUT", "GET"],
    [303, "HEAD", "HEAD"],
    [301, "HEAD", "HEAD"],
  ];
  for (const [status, before, after] of cases) {
    test(`${status} turns ${before} into ${after}`, async (t) => {
      const vendor = await redirecting(t, "/next", status);
      const body = before === "HEAD" ? null : "content";
      await pluginOf(t, vendor).fetch({
        method: before,
        body,
        headers: [
          ["content-type", "text/plain"],
          ["x-a", "1"],
        ],
      });
      const { method, body: sent, headers } = vendor.requests[1] ?? assert.fail();
      assert.deepEqual([method, sent, headers["x-a"]], [after, after === before ? (body ?? "") : "", "1"]);
      assert.equal(headers["content-type"], before === "HEAD" || after === before ? "text/plain" : undefined);
    });
  }
});

test("whether what was kept of a place is right still is not asked of the one that it leads to", async (t) => {
  const headers = [
    ["if-none-match", '"a"'],
    ["if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT"],
    ["if-match", '"b"'],
  ];
  for (const method of ["GET", "HEAD", "PUT"]) {
    const vendor = await redirecting(t, "/next", 307);
    await pluginOf(t, vendor).fetch({ method, headers });
    const asked = vendor.requests.map(({ headers }) =>
      Object.keys(headers).filter((name) => name.startsWith("if-")),
    );
    const all = ["if-none-match", "if-modified-since", "if-match"];
    assert.deepEqual(asked, [all, method === "PUT" ? all : ["if-match"]], method);
  }
});

describe("a redirect to another granted host", () => {
  async function twoHosts(t: Parameters<typeof startVendor>[0], options: PluginOptions = {}, path = "/next") {
    const other = await startVendor(t, (_, response, { url }) => {
      if (url === "/back") response.writeHead(302, { location: `${vendorUrl}/home` });
      response.end("answer of the other");
    });
    const vendor = await redirecting(t, `https://${otherHost}${path}`, 307);
    const plugin = openPlugin(t, {
      network: grantOf(vendorHost, otherHost),
      rewrite: { [vendorHost]: vendor.origin, [otherHost]: other.origin },
      ...options,
    });
    return { vendor, other, plugin };
  }

  test("is followed without the credential", async (t) => {
    const { other, plugin } = await twoHosts(t);
    const reply = await plugin.fetch({ method: "POST", body: "content", headers: [["x-a", "1"]] });
    assert.equal(textOf(reply), "answer of the other");
    assert.equal(reply.url, `https://${otherHost}/next`);
    const { headers, body } = other.requests[0] ?? assert.fail();
    assert.deepEqual(
      [body, headers["x-a"], headers["x-api-key"], headers.host],
      ["content", "1", undefined, otherHost],
    );
  });

  test("is followed without the credential in the query", async (t) => {
    const { vendor, other, plugin } = await twoHosts(t, {
      connection: { auth: { type: "apiKey", in: "query", name: "api_key" } },
    });
    await plugin.fetch();
    assert.match(vendor.requests[0]?.url ?? "", /api_key=k3y/);
    assert.equal(other.requests[0]?.url, "/next");
  });

  test("and back again goes on without the credential", async (t) => {
    const { vendor, plugin } = await twoHosts(t, {}, "/back");
    await plugin.fetch();
    assert.deepEqual(
      vendor.requests.map(({ url, headers }) => [url, headers["x-api-key"]]),
      [
        ["/", key],
        ["/home", undefined],
      ],
    );
  });

  test("is refused if the vendor put the credential into the URL", async (t) => {
    const { other, plugin } = await twoHosts(t, {}, `/next?key=${encodeURIComponent(key)}`);
    await assert.rejects(plugin.fetch(), {
      code: "fetch-redirect-refused",
      message: `The vendor redirected to ${otherHost}, with the credential in the URL.`,
    });
    assert.equal(other.requests.length, 0);
  });

  test("is refused where only the first host grants the method", async (t) => {
    const { other, plugin } = await twoHosts(t, {
      network: [
        { hosts: [vendorHost], methods: ["POST"], reason: "write" },
        { hosts: [otherHost], methods: ["GET"], reason: "read" },
      ],
    });
    await assert.rejects(plugin.fetch({ method: "POST" }), { code: "fetch-not-granted" });
    assert.equal(other.requests.length, 0);
  });
});

describe("a redirect leads nowhere that the plugin could not go by itself:", () => {
  const targets: [string, string][] = [
    ["https://evil.test/", "fetch-not-granted"],
    ["//evil.test/", "fetch-not-granted"],
    ["https://api.vendor.test.evil.test/", "fetch-not-granted"],
    ["https://api.vendor.test:8443/", "fetch-not-granted"],
    ["https://api.vendor.test./", "fetch-not-granted"],
    ["http://api.vendor.test/", "fetch-redirect-refused"],
    ["http://169.254.169.254/latest/meta-data/", "fetch-redirect-refused"],
    ["file:///etc/passwd", "fetch-redirect-refused"],
    ["data:text/plain,hello", "fetch-redirect-refused"],
    ["javascript:alert(1)", "fetch-redirect-refused"],
    ["ftp://api.vendor.test/", "fetch-redirect-refused"],
    ["https://", "fetch-redirect-refused"],
    ["https://user:password@api.vendor.test/", "fetch-redirect-refused"],
    // Granted by name in this test, so that the address alone speaks against them:
    ["https://127.0.0.1/", "fetch-address-not-public"],
    ["https://0x7f.1/", "fetch-address-not-public"],
    ["https://2130706433/", "fetch-address-not-public"],
    ["https://[::1]/", "fetch-address-not-public"],
    ["https://[::ffff:127.0.0.1]/", "fetch-address-not-public"],
    ["https://[64:ff9b::7f00:1]/", "fetch-address-not-public"],
    ["https://169.254.169.254/latest/meta-data/", "fetch-address-not-public"],
    ["https://intranet.vendor.test/", "fetch-address-not-public"],
  ];
  for (const [location, code] of targets) {
    test(location, async (t) => {
      const vendor = await redirecting(t, location);
      const dials = interceptDials(t, vendor.port);
      const plugin = pluginOf(t, vendor, {
        network: grantOf(
          vendorHost,
          "intranet.vendor.test",
          "127.0.0.1",
          "169.254.169.254",
          "[::1]",
          "[::ffff:7f00:1]",
          "[64:ff9b::7f00:1]",
        ),
        resolve: async () => ["10.1.2.3"],
      });
      await assert.rejects(plugin.fetch(), { code });
      assert.equal(vendor.requests.length, 1);
      assert.deepEqual(dials.addresses, [`127.0.0.1:${vendor.port}`], "the vendor's stand-in alone");
    });
  }

  test("a granted host whose name leads to a public address is dialled there", async (t) => {
    const vendor = await redirecting(t, `https://${otherHost}/`);
    const plugin = pluginOf(t, vendor, {
      network: grantOf(vendorHost, otherHost),
      resolve: async () => ["93.184.216.34"],
      limits: { maxRetries: 0 },
    });
    const first = await plugin.fetch({ url: `${vendorUrl}/warm-up` }); // its socket is kept
    assert.equal(first.status, 200);
    const dials = interceptDials(t);
    await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    assert.deepEqual(dials.addresses, ["93.184.216.34:443"]);
  });
});

test("a redirect to several places at once is refused, and one that is said twice is followed", async (t) => {
  const redirect = (...locations: string[]) =>
    startVendor(t, (_, response, { url }) => {
      if (url === "/")
        response.writeHead(
          302,
          locations.flatMap((location) => ["location", location]),
        );
      response.end();
    });
  await assert.rejects(pluginOf(t, await redirect("/next", "https://evil.test/")).fetch(), {
    code: "fetch-redirect-refused",
    message: "The vendor redirected to several places at once.",
  });
  assert.equal((await pluginOf(t, await redirect("/next", "/next")).fetch()).status, 200);
});

test("a redirect loop ends after five", async (t) => {
  const vendor = await startVendor(t, (_, response) => response.writeHead(302, { location: "/" }).end());
  await assert.rejects(pluginOf(t, vendor).fetch(), {
    code: "fetch-redirect-refused",
    message: "The vendor redirected more than 5 times.",
  });
  assert.equal(vendor.requests.length, 6);
});

test('with `redirect: "manual"` the redirect itself is the reply', async (t) => {
  const vendor = await redirecting(t, `http://evil.test/?key=${encodeURIComponent(key)}`);
  const reply = await pluginOf(t, vendor).fetch({ redirect: "manual" });
  assert.equal(reply.status, 302);
  assert.equal(headerOf(reply, "location"), "http://evil.test/?key=[redacted]");
});

test('with `redirect: "error"` a redirect is an error', async (t) => {
  const vendor = await redirecting(t, "/next");
  await assert.rejects(pluginOf(t, vendor).fetch({ redirect: "error" }), { code: "fetch-redirect-refused" });
  assert.equal(vendor.requests.length, 1);
});

test("a redirect without a location, and a 304, are replies", async (t) => {
  const vendor = await startVendor(t, (_, response, { url }) =>
    response.writeHead(url === "/" ? 302 : 304, url === "/" ? {} : { location: "/x" }).end(),
  );
  const plugin = pluginOf(t, vendor);
  assert.equal((await plugin.fetch()).status, 302);
  assert.equal((await plugin.fetch({ url: `${vendorUrl}/cached` })).status, 304);
});

test("a location in UTF-8 is read as such", async (t) => {
  const vendor = await redirecting(t, Buffer.from("/nächste").toString("latin1"));
  const reply = await pluginOf(t, vendor).fetch();
  assert.equal(reply.url, `${vendorUrl}/n%C3%A4chste`);
});
