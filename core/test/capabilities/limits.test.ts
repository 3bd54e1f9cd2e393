import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { pluginOf, startVendor, textOf } from "./harness.ts";

const MiB = 1024 * 1024;

describe("a request's body", () => {
  test("may be as large as the limit, in bytes", async (t) => {
    const vendor = await startVendor(t);
    const plugin = pluginOf(t, vendor, { limits: { maxRequestBytes: 4 } });
    await plugin.fetch({ method: "POST", body: "1234" });
    await plugin.fetch({ method: "POST", body: new Uint8Array(4) });
    for (const body of ["12345", "123ä", new Uint8Array(5)]) {
      await assert.rejects(plugin.fetch({ method: "POST", body }), {
        code: "fetch-request-too-large",
        message: "The request's body has 5 bytes; 4 are the most it may have.",
      });
    }
    assert.equal(vendor.requests.length, 2);
  });
});

describe("a reply's body", () => {
  const limits = { maxResponseBytes: MiB, maxRetries: 0 };
  const tooLarge = { code: "fetch-response-too-large" };

  test("may be as large as the limit", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.end(Buffer.alloc(MiB)));
    assert.equal((await pluginOf(t, vendor, { limits }).fetch()).body.byteLength, MiB);
  });

  test("is cut off above it when its length is announced", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.end(Buffer.alloc(MiB + 1)));
    await assert.rejects(pluginOf(t, vendor, { limits }).fetch(), tooLarge);
  });

  test("is cut off above it when it streams without end", async (t) => {
    const gone = Promise.withResolvers<void>();
    const vendor = await startVendor(t, (_, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const write = () => {
        while (!response.destroyed && response.write(chunk));
      };
      response.on("drain", write).on("close", gone.resolve);
      write();
    });
    await assert.rejects(pluginOf(t, vendor, { limits }).fetch(), tooLarge);
    await gone.promise;
  });

  const bombs = {
    gzip: gzipSync(Buffer.alloc(64 * MiB)),
    br: brotliCompressSync(Buffer.alloc(64 * MiB)),
    zstd: zstdCompressSync(Buffer.alloc(64 * MiB)),
    "gzip, gzip": gzipSync(gzipSync(Buffer.alloc(64 * MiB))),
  };
  for (const [coding, bomb] of Object.entries(bombs)) {
    test(`is cut off above it after decompression: ${bomb.byteLength} bytes of ${coding} for 64 MiB`, async (t) => {
      const vendor = await startVendor(t, (_, response) =>
        response.writeHead(200, { "content-encoding": coding }).end(bomb),
      );
      const before = process.memoryUsage().arrayBuffers;
      await assert.rejects(pluginOf(t, vendor, { limits }).fetch(), tooLarge);
      assert.ok(process.memoryUsage().arrayBuffers - before < 32 * MiB, "the rest was not unpacked");
    });
  }

  test("is decompressed for the plugin", async (t) => {
    const codings = {
      gzip: gzipSync("hello"),
      br: brotliCompressSync("hello"),
      zstd: zstdCompressSync("hello"),
    };
    for (const [coding, body] of Object.entries(codings)) {
      const vendor = await startVendor(t, (_, response) =>
        response.writeHead(200, { "content-encoding": coding }).end(body),
      );
      const reply = await pluginOf(t, vendor).fetch();
      assert.equal(textOf(reply), "hello");
      assert.deepEqual(
        reply.headers.filter(([name]) => /content-(encoding|length)/.test(name)),
        [],
      );
    }
  });
});

describe("requests in flight are limited", () => {
  async function waiting(t: Parameters<typeof startVendor>[0], limits: object) {
    const release = Promise.withResolvers<void>();
    const vendor = await startVendor(t, async (_, response) => {
      await release.promise;
      response.end();
    });
    const plugin = pluginOf(t, vendor, { limits });
    return { plugin, release: release.resolve };
  }

  for (const [limit, whose] of [
    ["maxInFlightPerConnection", "this connection"],
    ["maxInFlightPerPlugin", "this plugin"],
    ["maxInFlight", "this host"],
  ] as const) {
    test(`for ${whose}`, async (t) => {
      const { plugin, release } = await waiting(t, { [limit]: 2 });
      const first = [plugin.fetch(), plugin.fetch()];
      await assert.rejects(plugin.fetch(), {
        code: "fetch-busy",
        message: `2 requests of ${whose} are in flight, as many as may be. Repeat it when one has ended.`,
      });
      release();
      await Promise.all(first);
      assert.equal((await plugin.fetch()).status, 200, "there is room again");
    });
  }

  test("also after requests that failed", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.destroy());
    const plugin = pluginOf(t, vendor, { limits: { maxInFlightPerConnection: 1, maxRetries: 0 } });
    for (let i = 0; i < 3; i++) await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    assert.match(await plugin.metrics.text(), /^plugboard_egress_in_flight 0$/m);
  });
});
