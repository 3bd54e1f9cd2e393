import assert from "node:assert/strict";
import { test } from "node:test";
import { grantOf, openPlugin, pluginOf, startVendor, testClock, vendorUrl } from "./harness.ts";

test("requests are counted by plugin, host, status and code", async (t) => {
  const vendor = await startVendor(t, (_, response, { url }) =>
    response.writeHead(url === "/missing" ? 404 : 200).end("four"),
  );
  const plugin = pluginOf(t, vendor);
  await plugin.fetch();
  await plugin.fetch({ method: "POST", body: "12" });
  await plugin.fetch({ url: `${vendorUrl}/missing` });
  const text = await plugin.metrics.text();
  const of = 'plugin="acme/vendor",host="api.vendor.test"';
  assert.match(
    text,
    new RegExp(`^plugboard_egress_requests_total\\{${of},status="200",code="ok"\\} 2$`, "m"),
  );
  assert.match(
    text,
    new RegExp(`^plugboard_egress_requests_total\\{${of},status="404",code="ok"\\} 1$`, "m"),
  );
  assert.match(text, new RegExp(`^plugboard_egress_request_duration_seconds_count\\{${of}\\} 3$`, "m"));
  assert.match(text, new RegExp(`^plugboard_egress_body_bytes_total\\{${of},direction="sent"\\} 2$`, "m"));
  assert.match(
    text,
    new RegExp(`^plugboard_egress_body_bytes_total\\{${of},direction="received"\\} 12$`, "m"),
  );
});

test("retries and failures are counted", async (t) => {
  const vendor = await startVendor(t, (_, response) => response.destroy());
  const plugin = pluginOf(t, vendor, { clock: testClock() });
  await assert.rejects(plugin.fetch());
  const text = await plugin.metrics.text();
  const of = 'plugin="acme/vendor",host="api.vendor.test"';
  assert.match(
    text,
    new RegExp(`^plugboard_egress_requests_total\\{${of},status="none",code="fetch-failed"\\} 1$`, "m"),
  );
  assert.match(text, new RegExp(`^plugboard_egress_retries_total\\{${of}\\} 2$`, "m"));
});

test("hosts that a plugin or a tenant makes up are no labels of their own", async (t) => {
  const vendor = await startVendor(t);
  const plugin = openPlugin(t, {
    network: grantOf("{shop}.vendor.test"),
    rewrite: { "blue.vendor.test": vendor.origin },
    connection: { config: { shop: "blue" } },
  });
  await plugin.fetch({ url: "https://blue.vendor.test/" });
  for (const name of ["one", "two", "three"])
    await assert.rejects(plugin.fetch({ url: `https://${name}.evil.test/` }));
  const text = await plugin.metrics.text();
  assert.match(text, /host="\{shop\}\.vendor\.test",status="200",code="ok"\} 1$/m);
  assert.match(text, /host="\(not granted\)",status="none",code="fetch-not-granted"\} 3$/m);
  assert.doesNotMatch(text, /evil|blue/);
});

test("the log tells what happened, and of the URL no more than the granted host", async (t) => {
  const vendor = await startVendor(t);
  const plugin = pluginOf(t, vendor);
  await plugin.fetch({
    url: `${vendorUrl}/people/jane@example.com?phone=555`,
    headers: [["x-private", "yes"]],
  });
  assert.match(plugin.logged(), /host: 'api\.vendor\.test'/);
  assert.match(plugin.logged(), /status: 200/);
  assert.doesNotMatch(plugin.logged(), /jane|555|private/);
});
