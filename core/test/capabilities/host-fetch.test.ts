import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { inspect } from "node:util";
import { createHostFetch, type HostFetchOptions } from "../../kernel/capabilities/index.ts";
import { interceptDials } from "./dials.ts";
import { startVendor, testClock, type Vendor, vendorHost, vendorUrl } from "./harness.ts";

function open(t: TestContext, vendor?: Vendor, options: Partial<HostFetchOptions> = {}) {
  const host = createHostFetch({
    rewrite: vendor ? { [vendorHost]: vendor.origin } : {},
    resolve: async (name) => assert.fail(`${name} was asked for`),
    ...options,
  });
  t.after(host.close);
  return host.fetch;
}

describe("the host's own fetch", () => {
  test("sends a form as it is, and answers a Response", async (t) => {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(400, { "content-type": "application/json" }).end('{"error":"invalid_grant"}'),
    );
    const response = await open(t, vendor)(`${vendorUrl}/token`, {
      method: "POST",
      headers: { authorization: "Basic Y2xpZW50OnNlY3JldA==" },
      body: new URLSearchParams({ grant_type: "refresh_token", refresh_token: "a b" }),
    });
    assert.deepEqual([response.status, await response.json()], [400, { error: "invalid_grant" }]);
    const [seen] = vendor.requests;
    assert.equal(seen?.method, "POST");
    assert.equal(seen?.body, "grant_type=refresh_token&refresh_token=a+b");
    assert.equal(seen?.headers.authorization, "Basic Y2xpZW50OnNlY3JldA==");
    assert.equal(seen?.headers.host, vendorHost);
  });

  test("takes a Request, and answers a status that has no body", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.writeHead(204).end());
    const response = await open(t, vendor)(new Request(`${vendorUrl}/revoke`, { method: "POST", body: "x" }));
    assert.deepEqual([response.status, await response.text()], [204, ""]);
  });

  test("follows no redirect: a token request must not be told elsewhere", async (t) => {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(307, { location: "https://evil.test/" }).end(),
    );
    const response = await open(t, vendor)(vendorUrl, { method: "POST", body: "secret" });
    assert.equal(response.status, 307);
    assert.equal(vendor.requests.length, 1);
  });

  test("goes to public addresses alone, and to those that were checked", async (t) => {
    const dials = interceptDials(t);
    const addresses: Record<string, string[]> = {
      "public.test": ["93.184.216.34"],
      "inner.test": ["93.184.216.34", "10.0.0.1"],
    };
    const fetch = open(t, undefined, { resolve: async (name) => addresses[name] ?? [] });
    await assert.rejects(fetch("https://public.test/"), { code: "fetch-failed" });
    assert.deepEqual(dials.addresses, ["93.184.216.34:443"]);
    await assert.rejects(fetch("https://inner.test/"), { code: "fetch-address-not-public" });
    await assert.rejects(fetch("https://169.254.169.254/"), { code: "fetch-address-not-public" });
    await assert.rejects(fetch("https://nowhere.test/"), { code: "fetch-dns-failed" });
    assert.equal(dials.addresses.length, 1);
  });

  test("asks over https: and without a credential in the URL", async (t) => {
    for (const url of ["http://api.vendor.test/", "file:///etc/passwd", "https://user:pass@api.vendor.test/"])
      await assert.rejects(open(t)(url), (error: Error) => !error.message.includes("pass@"), url);
  });

  test("takes no larger reply than it may, and gives up at its deadline", async (t) => {
    const clock = testClock(1_000);
    const vendor = await startVendor(t, (_, response, { url }) => {
      if (url === "/slow") clock.passDeadline();
      else response.end(Buffer.alloc(101));
    });
    const fetch = open(t, vendor, { clock, timeoutMs: 1_000, maxResponseBytes: 100, maxRequestBytes: 5 });
    await assert.rejects(fetch(vendorUrl), { code: "fetch-response-too-large" });
    await assert.rejects(fetch(`${vendorUrl}/slow`), { code: "fetch-timeout" });
    const large = fetch(vendorUrl, { method: "POST", body: "123456" });
    await assert.rejects(large, { code: "fetch-request-too-large" });
  });

  test("ends with its caller, and nothing of what was sent is in its errors", async (t) => {
    const caller = new AbortController();
    const vendor = await startVendor(t, (request, _, { url }) => {
      if (url === "/cut") request.socket.destroy();
      else caller.abort();
    });
    const fetch = open(t, vendor);
    const init = { method: "POST", body: "client_secret=s3cr3t-value" };
    await assert.rejects(fetch(vendorUrl, { ...init, signal: caller.signal }), { code: "fetch-aborted" });
    await assert.rejects(fetch(`${vendorUrl}/cut`, init), (error) => {
      assert.doesNotMatch(inspect(error, { depth: 9, showHidden: true }), /s3cr3t-value/);
      return (error as { code?: string }).code === "fetch-failed";
    });
  });
});
