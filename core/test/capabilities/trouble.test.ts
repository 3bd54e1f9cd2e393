import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { type Plugin, pluginOf, startVendor, testClock, textOf, vendorUrl } from "./harness.ts";

type Handle = NonNullable<Parameters<typeof startVendor>[1]>;
type Response = Parameters<Handle>[1];

const once = { limits: { maxRetries: 0 } };

describe("a vendor that breaks off is an error, never half an answer:", () => {
  const troubles: Record<string, (response: Response) => void> = {
    "before the headers": (response) => response.destroy(),
    "in the headers": (response) => response.socket?.end("HTTP/1.1 200 OK\r\ncontent-le"),
    "in a body of known length": (response) => {
      response.writeHead(200, { "content-length": "100" });
      response.write("half", () => response.destroy());
    },
    "in a chunked body": (response) => {
      response.write("half", () => response.destroy());
    },
    "in a compressed body": (response) => {
      response.writeHead(200, { "content-encoding": "gzip" });
      response.write(gzipSync("x".repeat(100_000)).subarray(0, 40), () => response.destroy());
    },
    "in a compressed body, without the network noticing": (response) => {
      response
        .writeHead(200, { "content-encoding": "gzip" })
        .end(gzipSync("x".repeat(100_000)).subarray(0, 40));
    },
  };
  for (const [when, handle] of Object.entries(troubles)) {
    test(when, async (t) => {
      const vendor = await startVendor(t, (_, response) => handle(response));
      await assert.rejects(pluginOf(t, vendor, once).fetch(), { code: "fetch-failed" });
    });
  }
});

describe("a vendor that does not speak HTTP is an error:", () => {
  const answers: [string, string][] = [
    ["not at all", "SSH-2.0-OpenSSH_9.9\r\n\r\n"],
    ["with two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc"],
    [
      "with a length and chunks",
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["with a bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n"],
    ["with endless headers", `HTTP/1.1 200 OK\r\n${"x-a: 1\r\n".repeat(10_000)}\r\n`],
    [
      "with a coding of the transfer",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
    ["with a coding to the end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nok"],
    ["with chunks in chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"],
    ["with a folded header", "HTTP/1.1 200 OK\r\nX-A: 1\r\n folded: 2\r\nContent-Length: 2\r\n\r\nok"],
    ["with NUL in a header", "HTTP/1.1 200 OK\r\nX-A: 1\0b\r\nContent-Length: 2\r\n\r\nok"],
    ["with line feeds alone", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
    ["with a length below zero", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nok"],
    ["with a length beyond all numbers", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nok"],
    ["with a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok"],
    ["with a name that has a space", "HTTP/1.1 200 OK\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n"],
    [
      "with an endless chunk extension",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;${"a".repeat(1_000_000)}\r\nok\r\n0\r\n\r\n`,
    ],
    [
      "with endless trailers",
      `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n${"x: y\r\n".repeat(50_000)}\r\n`,
    ],
    ["with a status that is none", "HTTP/1.1 000 Odd\r\nContent-Length: 2\r\n\r\nok"],
    ["with a status beyond all", "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\nok"],
    [
      "with a switch that nobody asked for",
      "HTTP/1.1 101 Switching\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    ],
    [
      "with a switch of protocols",
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello",
    ],
  ];
  for (const [how, bytes] of answers) {
    test(how, async (t) => {
      const vendor = await startVendor(t, (request) => request.socket.end(bytes));
      await assert.rejects(pluginOf(t, vendor, once).fetch(), { code: "fetch-failed" });
    });
  }
});

test("more than the announced length is cut off, and does not reach the next reply on the socket", async (t) => {
  const vendor = await startVendor(t, (request, response, { url }) => {
    if (url !== "/") return response.end("clean");
    request.socket.write(
      "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil",
    );
  });
  const plugin = pluginOf(t, vendor);
  assert.equal(textOf(await plugin.fetch()), "ok");
  assert.equal(textOf(await plugin.fetch({ url: `${vendorUrl}/next` })), "clean");
});

test("thousands of interim responses are waited through, and bring nothing", async (t) => {
  const hints = `HTTP/1.1 103 Early Hints\r\nx-hint: 1\r\n\r\n`.repeat(5_000);
  const vendor = await startVendor(t, (request) =>
    request.socket.end(`${hints}HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok`),
  );
  const reply = await pluginOf(t, vendor, once).fetch();
  assert.deepEqual([textOf(reply), reply.headers], ["ok", []]);
});

test("each coding is undone, so that the scrubber sees what the plugin sees", async (t) => {
  const bodies: [string, Buffer][] = [
    ["gzip, br", brotliCompressSync(gzipSync("hello"))],
    ["gzip,gzip", gzipSync(gzipSync("hello"))],
    ["identity, GZIP", gzipSync("hello")],
    ["x-gzip", gzipSync("hello")],
    ["deflate", deflateSync("hello")],
  ];
  for (const [coding, body] of bodies) {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(200, { "content-encoding": coding }).end(body),
    );
    assert.equal(textOf(await pluginOf(t, vendor, once).fetch()), "hello", coding);
  }
});

test("a body in a coding that was not asked for is refused: the plugin could decode behind the scrubber's back", async (t) => {
  for (const coding of ["compress", "made-up", "gzip, made-up"]) {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(200, { "content-encoding": coding }).end("x"),
    );
    await assert.rejects(pluginOf(t, vendor, once).fetch(), { code: "fetch-failed" }, coding);
  }
});

test("a body that is not in the coding it is said to be in is an error", async (t) => {
  for (const coding of ["gzip", "br", "zstd"]) {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(200, { "content-encoding": coding }).end("plain"),
    );
    await assert.rejects(pluginOf(t, vendor, once).fetch(), { code: "fetch-failed" }, coding);
  }
});

describe("a vendor that takes too long is given up at the deadline:", () => {
  async function slow(
    t: Parameters<typeof startVendor>[0],
    handle: (response: Response, arrived: () => void) => void,
  ) {
    const arrived = Promise.withResolvers<void>();
    const clock = testClock();
    const gone = Promise.withResolvers<void>();
    const vendor = await startVendor(t, (_, response) => {
      response.on("close", () => gone.resolve());
      handle(response, arrived.resolve);
    });
    const reply = pluginOf(t, vendor, { clock }).fetch();
    await arrived.promise;
    clock.passDeadline();
    await assert.rejects(reply, { code: "fetch-timeout" });
    await gone.promise; // the connection is closed, too
    assert.equal(vendor.requests.length, 1);
  }

  test("no headers", async (t) => {
    await slow(t, (_, arrived) => arrived());
  });

  test("no end of the body", async (t) => {
    await slow(t, (response, arrived) => void response.write("a part", () => arrived()));
  });

  test("a byte at a time, without end", async (t) => {
    await slow(t, (response, arrived) => {
      const drip = () => {
        if (response.destroyed) return;
        response.write("x", arrived);
        setImmediate(drip);
      };
      drip();
    });
  });

  test("no end of the headers", async (t) => {
    await slow(
      t,
      (response, arrived) => void response.socket?.write("HTTP/1.1 200 OK\r\nx-a", () => arrived()),
    );
  });
});

describe("when the call ends its request ends,", () => {
  async function inFlight(
    t: Parameters<typeof startVendor>[0],
    end: (plugin: Plugin, call: AbortController) => void,
  ) {
    const arrived = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const vendor = await startVendor(t, (_, response) => {
      response.on("close", () => gone.resolve());
      response.write("a part", () => arrived.resolve());
    });
    const call = new AbortController();
    const plugin = pluginOf(t, vendor);
    const reply = plugin.fetch({ method: "POST" }, call.signal);
    await arrived.promise;
    end(plugin, call);
    await assert.rejects(reply, { code: "fetch-aborted" });
    await gone.promise;
    return plugin;
  }

  test("by its caller", async (t) => {
    const plugin = await inFlight(t, (_, call) => call.abort(new Error("not for plugins")));
    assert.doesNotMatch(plugin.logged(), /not for plugins/);
  });

  test("by the broker's closing", async (t) => {
    await inFlight(t, (plugin) => plugin.broker.close());
  });

  test("before it began", async (t) => {
    const vendor = await startVendor(t);
    await assert.rejects(pluginOf(t, vendor).fetch({}, AbortSignal.abort()), { code: "fetch-aborted" });
    assert.equal(vendor.sockets, 0);
  });
});
