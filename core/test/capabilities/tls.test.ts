import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { before, describe, type TestContext, test } from "node:test";
import { pem, trustTestAuthority } from "./certificates.ts";
import { interceptDials } from "./dials.ts";
import { grantOf, key, openPlugin, testClock, textOf, vendorUrl } from "./harness.ts";

/** A vendor at a public address, as far as the broker can tell. */
async function startTlsVendor(t: TestContext, certificate: string) {
  const seen: { servername: unknown; host: string | undefined; key: unknown }[] = [];
  let sockets = 0;
  const server = createServer({ key: pem("key"), cert: pem(certificate) }, (request, response) => {
    const { servername } = request.socket as { servername?: unknown };
    seen.push({ servername, host: request.headers.host, key: request.headers["x-api-key"] });
    if (request.url === "/elsewhere") response.writeHead(302, { location: "https://files.vendor.test/next" });
    if (request.url === "/intranet") response.writeHead(302, { location: "https://intranet.vendor.test/" });
    response.end("over TLS");
  });
  server.on("secureConnection", () => sockets++);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  const dials = interceptDials(t, (server.address() as AddressInfo).port);
  const clock = testClock();
  const plugin = openPlugin(t, {
    clock,
    network: grantOf("api.vendor.test", "files.vendor.test", "intranet.vendor.test"),
    resolve: async (name) => (name.startsWith("intranet") ? ["10.0.0.1"] : ["93.184.216.34"]),
  });
  return { seen, dials, plugin, clock, sockets: () => sockets };
}

before(trustTestAuthority);

test("a vendor is spoken to over TLS, under its name, at the checked address, on a socket that is kept", async (t) => {
  const { seen, dials, plugin, sockets } = await startTlsVendor(t, "vendor");
  assert.equal(textOf(await plugin.fetch()), "over TLS");
  assert.equal(textOf(await plugin.fetch()), "over TLS");
  const expected = { servername: "api.vendor.test", host: "api.vendor.test", key };
  assert.deepEqual(seen, [expected, expected]);
  assert.deepEqual([dials.addresses, sockets()], [["93.184.216.34:443"], 1]);
});

test("a redirect to another granted host is spoken to under that one's name, without the credential", async (t) => {
  const { seen, plugin } = await startTlsVendor(t, "vendor");
  await plugin.fetch({ url: `${vendorUrl}/elsewhere` });
  assert.deepEqual(seen[1], { servername: "files.vendor.test", host: "files.vendor.test", key: undefined });
});

test("a redirect to a granted host with an address that is not public is not dialled", async (t) => {
  const { dials, plugin } = await startTlsVendor(t, "vendor");
  await assert.rejects(plugin.fetch({ url: `${vendorUrl}/intranet` }), { code: "fetch-address-not-public" });
  assert.deepEqual(dials.addresses, ["93.184.216.34:443"]);
});

describe("a certificate that cannot be trusted ends the request, once and for good:", () => {
  const certificates = {
    expired: "CERT_HAS_EXPIRED",
    other: "ERR_TLS_CERT_ALTNAME_INVALID",
    "self-signed": "DEPTH_ZERO_SELF_SIGNED_CERT",
  };
  for (const [certificate, code] of Object.entries(certificates)) {
    test(certificate, async (t) => {
      const { seen, plugin, clock } = await startTlsVendor(t, certificate);
      await assert.rejects(plugin.fetch(), {
        code: "fetch-failed",
        message: `api.vendor.test did not show a certificate that can be trusted (${code}).`,
      });
      assert.deepEqual([seen, clock.pauses], [[], []]);
    });
  }

  test("also where the environment switches the check off", async (t) => {
    const { seen, plugin } = await startTlsVendor(t, "self-signed");
    const { emitWarning } = process;
    process.emitWarning = () => {}; // Node warns of the variable, and rightly so
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    t.after(() => {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
      process.emitWarning = emitWarning;
    });
    await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    assert.deepEqual(seen, []);
  });
});
