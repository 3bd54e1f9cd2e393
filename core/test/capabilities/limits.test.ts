import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, gzipSync, zstdCompressSync } from "node:zlib";
import { type PluginOptions, pluginOf, startVendor, testClock, textOf, vendorUrl } from "./harness.ts";

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
  async function waiting(t: Parameters<typeof startVendor>[0], options: PluginOptions) {
    const release = Promise.withResolvers<void>();
    const vendor = await startVendor(t, async (_, response) => {
      await release.promise;
      response.end();
    });
    return { plugin: pluginOf(t, vendor, options), release: release.resolve };
  }

  for (const [limit, code, whose] of [
    ["maxInFlightPerConnection", "fetch-connection-busy", "this connection"],
    ["maxInFlightPerPluginTenant", "fetch-tenant-busy", "this tenant in this plugin"],
    ["maxInFlightPerTenant", "fetch-tenant-busy", "this tenant"],
    ["maxInFlightPerPlugin", "fetch-plugin-busy", "this plugin"],
    ["maxInFlight", "fetch-host-busy", "this host"],
  ] as const) {
    test(`for ${whose}`, async (t) => {
      const reached: string[] = [];
      const { plugin, release } = await waiting(t, {
        limits: { [limit]: 2, maxQueuedPerConnection: 0 },
        onLimit: (...what) => void reached.push(what.join(" of ")),
      });
      const first = [plugin.fetch(), plugin.fetch()];
      await assert.rejects(plugin.fetch(), {
        code,
        message: `2 requests of ${whose} are in flight, as many as may be. Repeat it when one has ended.`,
      });
      assert.deepEqual(reached, [`${limit} of acme/vendor`]);
      release();
      await Promise.all(first);
      assert.equal((await plugin.fetch()).status, 200, "there is room again");
    });
  }

  test("so that one tenant, over many connections, leaves room for another tenant of the plugin", async (t) => {
    const { plugin, release } = await waiting(t, {
      limits: {
        maxInFlightPerConnection: 2,
        maxInFlightPerPluginTenant: 4,
        maxInFlightPerPlugin: 5,
        maxQueuedPerConnection: 0,
      },
    });
    const greedy = Array.from({ length: 20 }, (_, i) => plugin.over({ id: `con_${i}`, tenantId: "greedy" }));
    const outcomes = Promise.allSettled(greedy.map(({ fetch }) => fetch()));
    const other = plugin.over({ id: "con_other", tenantId: "other" }).fetch();
    release();
    assert.equal((await other).status, 200);
    const refusals = (await outcomes).filter(({ status }) => status === "rejected");
    assert.equal(refusals.length, 16);
  });

  test("so that one tenant, over many plugins, leaves room for another tenant of the host", async (t) => {
    const { plugin, release } = await waiting(t, {
      limits: { maxInFlightPerTenant: 3, maxInFlight: 4, maxQueuedPerConnection: 0 },
    });
    const of = (tenantId: string, i: number) =>
      plugin.over({ id: `${tenantId}${i}`, tenantId, pluginId: `acme/p${i}` });
    const outcomes = Promise.allSettled(Array.from({ length: 9 }, (_, i) => of("greedy", i).fetch()));
    const other = of("other", 0).fetch();
    release();
    assert.equal((await other).status, 200);
    assert.equal((await outcomes).filter(({ status }) => status === "fulfilled").length, 3);
  });

  test("for each plugin by what the operator says of it", async (t) => {
    const { plugin, release } = await waiting(t, {
      limits: { maxInFlightPerPlugin: 1, maxQueuedPerConnection: 0 },
      limitsFor: (pluginId) => (pluginId === "acme/wide" ? { maxInFlightPerPlugin: 2 } : {}),
    });
    const wide = plugin.over({ pluginId: "acme/wide" });
    const first = [plugin.fetch(), wide.fetch(), wide.fetch()];
    await assert.rejects(plugin.fetch(), { code: "fetch-plugin-busy" });
    await assert.rejects(wide.fetch(), { code: "fetch-plugin-busy" });
    release();
    await Promise.all(first);
  });

  test("also after requests that failed", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.destroy());
    const plugin = pluginOf(t, vendor, { limits: { maxInFlightPerConnection: 1, maxRetries: 0 } });
    for (let i = 0; i < 3; i++) await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    assert.match(await plugin.metrics.text(), /^plugboard_egress_in_flight 0$/m);
  });
});

describe("the memory that bodies take is limited", () => {
  const hold = async (t: Parameters<typeof startVendor>[0], options: PluginOptions) => {
    const ends: (() => void)[] = [];
    const vendor = await startVendor(t, (_, response) => {
      response.write(Buffer.alloc(MiB));
      ends.push(() => response.end());
    });
    return { plugin: pluginOf(t, vendor, options), ends };
  };

  for (const [limit, code] of [
    ["maxBufferedBytesPerPluginTenant", "fetch-tenant-busy"],
    ["maxBufferedBytesPerPlugin", "fetch-plugin-busy"],
    ["maxBufferedBytes", "fetch-host-busy"],
  ] as const) {
    test(`over all replies under way (${limit})`, async (t) => {
      const reached: string[] = [];
      const { plugin, ends } = await hold(t, {
        limits: { [limit]: 1.5 * MiB, maxRetries: 0 },
        onLimit: (name) => void reached.push(name),
      });
      const outcomes = [plugin.fetch(), plugin.fetch()].map((reply) =>
        reply.then(
          () => "ok",
          (error: { code: string }) => error.code,
        ),
      );
      // Neither vendor ends its reply: one of them has to give way to the other.
      assert.equal(await Promise.race(outcomes), code);
      for (const end of ends) end();
      assert.deepEqual((await Promise.all(outcomes)).toSorted(), [code, "ok"]);
      assert.deepEqual(reached, [limit]);
    });
  }

  test("and requests' bodies count as well", async (t) => {
    const vendor = await startVendor(t);
    const plugin = pluginOf(t, vendor, { limits: { maxBufferedBytesPerPlugin: 10 } });
    await assert.rejects(plugin.fetch({ method: "POST", body: new Uint8Array(11) }), {
      code: "fetch-plugin-busy",
    });
    for (let i = 0; i < 5; i++) await plugin.fetch({ method: "POST", body: new Uint8Array(8) });
    assert.equal(vendor.requests.length, 5, "what has ended takes nothing");
  });

  test("of redirects and retries only the last one counts", async (t) => {
    const vendor = await startVendor(t, (_, response, { url }) => {
      if (url === "/") response.writeHead(302, { location: "/next" });
      response.end(Buffer.alloc(100));
    });
    const plugin = pluginOf(t, vendor, { limits: { maxBufferedBytesPerPlugin: 150 } });
    assert.equal((await plugin.fetch()).status, 200);
  });
});

test("each limit that is reached is told once, with its name", async (t) => {
  const reached: string[] = [];
  const clock = testClock();
  const vendor = await startVendor(t, (_, response, { url }) => {
    if (url === "/large") response.end(Buffer.alloc(100));
    else if (url === "/loop") response.writeHead(302, { location: "/loop" }).end();
    else if (url === "/slow") clock.passDeadline();
    else response.writeHead(404).end();
  });
  const plugin = pluginOf(t, vendor, {
    clock,
    limits: { maxRequestBytes: 10, maxResponseBytes: 50 },
    onLimit: (limit, pluginId) => void reached.push(`${pluginId} ${limit}`),
  });
  await plugin.fetch();
  await assert.rejects(plugin.fetch({ method: "POST", body: "more than ten bytes" }));
  for (const path of ["/large", "/loop", "/slow"])
    await assert.rejects(plugin.fetch({ url: `${vendorUrl}${path}` }));
  assert.deepEqual(
    reached,
    ["maxRequestBytes", "maxResponseBytes", "maxRedirects", "timeoutMs"].map(
      (limit) => `acme/vendor ${limit}`,
    ),
  );
});
