import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { openPlugin, pluginOf, startVendor, textOf, vendorUrl } from "./harness.ts";

const invalid = { code: "fetch-invalid-request" };

describe("a request out of the sandbox is refused when", () => {
  const malformed: [string, unknown][] = [
    ["it has an unknown member", { agent: "http://127.0.0.1" }],
    ["its method is no string", { method: 1 }],
    ["its method is none that is known", { method: "BREW" }],
    ["its method opens a tunnel", { method: "CONNECT" }],
    ["its method echoes the request", { method: "TRACE" }],
    ["its method holds a second request", { method: "GET / HTTP/1.1\r\nHost: evil.test\r\n\r\nGET" }],
    ["its URL is no string", { url: ["https://api.vendor.test/"] }],
    ["its URL is relative", { url: "/v1/things" }],
    ["its URL is no URL", { url: "https://" }],
    ["its URL is too long", { url: `${vendorUrl}/${"x".repeat(9000)}` }],
    ["its URL is plain http", { url: "http://api.vendor.test/" }],
    ["its URL reads files", { url: "file:///etc/passwd" }],
    ["its URL is data", { url: "data:text/plain,hello" }],
    ["its URL is a web socket", { url: "wss://api.vendor.test/" }],
    ["its URL has a user name", { url: "https://someone@api.vendor.test/" }],
    ["its URL has a password", { url: "https://:secret@api.vendor.test/" }],
    ["its headers are no list", { headers: { accept: "*/*" } }],
    ["a header is no pair", { headers: [["accept"]] }],
    ["a header's value is a list", { headers: [["accept", ["a", "b"]]] }],
    ["it has a thousand headers", { headers: Array.from({ length: 1000 }, (_, i) => [`x-${i}`, "1"]) }],
    ["its headers are large", { headers: [["x-a", "x".repeat(40_000)]] }],
    ["its body is an object", { method: "POST", body: { a: 1 } }],
    ["its body is shared memory", { method: "POST", body: new Uint8Array(new SharedArrayBuffer(8)) }],
    ["it is a GET with a body", { body: "x" }],
    ["it is a HEAD with a body", { method: "HEAD", body: "x" }],
    ["its redirect mode is unknown", { redirect: "always" }],
  ];
  for (const [what, request] of malformed) {
    test(what, async (t) => {
      const vendor = await startVendor(t);
      await assert.rejects(pluginOf(t, vendor).fetch(request), invalid);
      assert.equal(vendor.requests.length, 0);
    });
  }

  for (const payload of [null, "GET https://api.vendor.test/", 7, [], new Uint8Array(1)]) {
    test(`it is ${JSON.stringify(payload)}`, async (t) => {
      const { capability } = openPlugin(t);
      await assert.rejects(
        capability(payload, { callId: "call_1", signal: new AbortController().signal }),
        invalid,
      );
    });
  }
});

describe("a header cannot smuggle anything:", () => {
  const injections: [string, string][] = [
    ["x-a", "1\r\nX-Evil: 1"],
    ["x-a", "1\nX-Evil: 1"],
    ["x-a", "1\r"],
    ["x-a", "1\0"],
    ["x-a", "1\x7f"],
    ["x-a", "\u560d\u560aX-Evil: 1"], // CR and LF if cut down to bytes
    ["x-a", "\ud800"],
    ["x-a\r\nx-evil", "1"],
    ["x-a:", "1"],
    ["x a", "1"],
    ["", "1"],
    ["x-ä", "1"],
    ["__proto__", "1"],
  ];
  for (const header of injections) {
    test(JSON.stringify(header), async (t) => {
      const vendor = await startVendor(t);
      await assert.rejects(pluginOf(t, vendor).fetch({ headers: [header] }), invalid);
      assert.equal(vendor.requests.length, 0);
    });
  }
});

describe("a plugin may not set", () => {
  const names = [
    ["Transfer-Encoding", "TE", "Trailer", "Upgrade", "Expect", "Via", "HTTP2-Settings"],
    ["Proxy-Authorization", "Proxy-Connection", "Cookie", "Sec-Fetch-Site"],
    ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method", "X-Original-Method"],
    // What CGI and WSGI cannot tell from the hyphenated name.
    [
      "Transfer_Encoding",
      "X_HTTP_Method_Override",
      "X_Forwarded_For",
      "X-Forwarded_Host",
      "Proxy_",
      "X.Original.URL",
    ],
    ["X-Forwarded-Host", "X-Forwarded-For", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Real-IP"],
    ["Range", "If-Range"],
  ];
  for (const name of names.flat()) {
    test(name, async (t) => {
      const vendor = await startVendor(t);
      await assert.rejects(pluginOf(t, vendor).fetch({ headers: [[name, "chunked"]] }), invalid);
      assert.equal(vendor.requests.length, 0);
    });
  }
});

test("what the host sets is left out of the plugin's headers, as client libraries set it without asking", async (t) => {
  const vendor = await startVendor(t);
  await pluginOf(t, vendor).fetch({
    method: "POST",
    body: "four",
    headers: [
      ["Host", "evil.test"],
      ["Content-Length", "400"],
      ["Connection", "close"],
      ["Keep-Alive", "timeout=1"],
      ["Accept-Encoding", "made-up"],
      ["Accept-Charset", "utf-16"],
      ["Authorization", "Bearer placeholder"],
    ],
  });
  const { headers, body } = vendor.requests[0] ?? assert.fail();
  assert.equal(body, "four");
  assert.equal(headers.host, "api.vendor.test");
  assert.equal(headers["content-length"], "4");
  assert.equal(headers.connection, "keep-alive");
  assert.doesNotMatch(String(headers["accept-encoding"]), /made-up/);
  for (const name of ["keep-alive", "accept-charset", "authorization"])
    assert.equal(headers[name], undefined);
});

test("what the host sets is left out under each spelling that a vendor may take for it", async (t) => {
  const vendor = await startVendor(t);
  await pluginOf(t, vendor).fetch({
    headers: [
      "Authorization",
      "X_Api_Key",
      "x-api_key",
      "Content_Length",
      "X.API.KEY",
      "Accept_Encoding",
    ].map((name) => [name, "mine"]),
  });
  assert.doesNotMatch(JSON.stringify(vendor.requests[0]?.rawHeaders), /mine/);
});

test("an ordinary request arrives as it was written", async (t) => {
  const vendor = await startVendor(t, (_, response) =>
    response.writeHead(201, "Made", { "X-Id": "7" }).end("done"),
  );
  const reply = await pluginOf(t, vendor).fetch({
    method: "post",
    url: `${vendorUrl}/v1//things%2Fa?x=%20+&y=ä#part`,
    headers: [
      ["Content-Type", "text/plain"],
      ["X-Tag", "a"],
      ["x-tag", " b "],
      ["X-Latin", "é"],
    ],
    body: "höllo",
  });
  const { method, url, headers, body } = vendor.requests[0] ?? assert.fail();
  assert.deepEqual([method, url, body], ["POST", "/v1//things%2Fa?x=%20+&y=%C3%A4", "höllo"]);
  assert.equal(headers["content-type"], "text/plain");
  assert.equal(headers["x-tag"], "a, b");
  assert.equal(headers["x-latin"], "é");
  assert.deepEqual([reply.status, reply.statusText, textOf(reply)], [201, "Made", "done"]);
  assert.equal(reply.url, `${vendorUrl}/v1//things%2Fa?x=%20+&y=%C3%A4`);
});

test("every method works, with and without a body, from text or bytes", async (t) => {
  const vendor = await startVendor(t);
  const plugin = pluginOf(t, vendor);
  for (const method of ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
    await plugin.fetch({ method });
  for (const method of ["OPTIONS", "POST", "PUT", "PATCH", "DELETE"]) {
    await plugin.fetch({ method, body: new TextEncoder().encode(method) });
  }
  assert.deepEqual(
    vendor.requests.map(({ method, body }) => `${method} ${body}`.trim()),
    ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"].concat([
      "OPTIONS OPTIONS",
      "POST POST",
      "PUT PUT",
      "PATCH PATCH",
      "DELETE DELETE",
    ]),
  );
});

test("a path that looks like another host stays a path", async (t) => {
  const vendor = await startVendor(t);
  const plugin = pluginOf(t, vendor);
  await plugin.fetch({ url: `${vendorUrl}//evil.test/x` });
  await plugin.fetch({ url: `${vendorUrl}/@evil.test` });
  await plugin.fetch({ url: `${vendorUrl}/https://evil.test` });
  assert.deepEqual(
    vendor.requests.map(({ url }) => url),
    ["//evil.test/x", "/@evil.test", "/https://evil.test"],
  );
});
