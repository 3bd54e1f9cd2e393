import assert from "node:assert/strict";
import { test } from "node:test";
import { headerOf, pluginOf, startVendor, vendorUrl } from "./harness.ts";

test("the vendor's headers reach the plugin, each as often as it came", async (t) => {
  const vendor = await startVendor(t, (_, response) => {
    response.writeHead(
      200,
      [
        ["Content-Type", "application/json"],
        ["X-Page", "1"],
        ["x-page", "2"],
        ["Link", "<a>"],
      ].flat(),
    );
    response.end("{}");
  });
  const reply = await pluginOf(t, vendor).fetch();
  assert.deepEqual(
    reply.headers.filter(([name]) => name !== "date"),
    [
      ["content-type", "application/json"],
      ["x-page", "1"],
      ["x-page", "2"],
      ["link", "<a>"],
    ],
  );
});

test("cookies, and what belongs to the connection, do not", async (t) => {
  const vendor = await startVendor(t, (_, response) => {
    response.writeHead(200, {
      "set-cookie": ["session=1", "other=2"],
      "set-cookie2": "old=1",
      connection: "keep-alive, x-hop",
      "x-hop": "1",
      "keep-alive": "timeout=5",
      "proxy-authenticate": "Basic",
      "transfer-encoding": "chunked",
      trailer: "x-end",
      upgrade: "h2c",
      "x-kept": "1",
    });
    response.end("x");
  });
  const reply = await pluginOf(t, vendor).fetch();
  assert.deepEqual(reply.headers.map(([name]) => name).sort(), ["date", "x-kept"]);
});

test("HEAD tells the length of what was not sent", async (t) => {
  const vendor = await startVendor(t, (_, response) =>
    response.writeHead(200, { "content-length": "1234" }).end(),
  );
  const reply = await pluginOf(t, vendor).fetch({ method: "HEAD" });
  assert.deepEqual([headerOf(reply, "content-length"), reply.body.byteLength], ["1234", 0]);
});

test("a body crosses into the sandbox alone, not with the memory that Node shares out among requests", async (t) => {
  const vendor = await startVendor(t, (_, response) => response.end("small"));
  const { body } = await pluginOf(t, vendor).fetch();
  assert.equal(Object.getPrototypeOf(body), Uint8Array.prototype, "a plain array, no Buffer");
  assert.equal(body.buffer.byteLength, 5);
});

test("a status that is an error, and one without a text, are replies as any other", async (t) => {
  const vendor = await startVendor(t, (request, response, { url }) => {
    if (url === "/bare") request.socket.end("HTTP/1.1 418\r\nContent-Length: 0\r\n\r\n");
    else response.writeHead(404, "Nothing Here").end();
  });
  const plugin = pluginOf(t, vendor);
  const missing = await plugin.fetch();
  assert.deepEqual([missing.status, missing.statusText], [404, "Nothing Here"]);
  assert.equal((await plugin.fetch({ url: `${vendorUrl}/bare` })).status, 418);
});
