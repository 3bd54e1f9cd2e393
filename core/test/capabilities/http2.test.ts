import assert from "node:assert/strict";
import { once } from "node:events";
import { createSecureServer, type IncomingHttpHeaders, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { before, describe, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { CapabilityError } from "../../kernel/capabilities/errors.ts";
import { createSender } from "../../kernel/capabilities/fetch/send/index.ts";
import { pem, trustTestAuthority } from "./certificates.ts";
import { interceptDials } from "./dials.ts";
import { body, flags, frame, head, header, startFramesVendor, types, uint32 } from "./frames.ts";
import { grantOf, key, openPlugin, type PluginOptions, testClock, textOf, vendorUrl } from "./harness.ts";

const MiB = 1024 * 1024;
const address = "93.184.216.34";

before(trustTestAuthority);

type Handle = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, body: Buffer) => void;

/** A vendor that speaks HTTP/2, at a public address as far as the broker can tell. */
async function startHttp2Vendor(
  t: TestContext,
  handle: Handle = (stream) => stream.end("over HTTP/2"),
  { certificate = "vendor", mostStreams = 100 } = {},
) {
  const seen: IncomingHttpHeaders[] = [];
  let sockets = 0;
  const server = createSecureServer({
    key: pem("key"),
    cert: pem(certificate),
    maxSessionMemory: 512,
    settings: { maxConcurrentStreams: mostStreams },
  });
  server.on("secureConnection", (socket) => {
    sockets++;
    t.after(() => socket.destroy());
  });
  server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
    seen.push(headers);
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => handle(stream, headers, Buffer.concat(chunks)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return { seen, sockets: () => sockets, port: (server.address() as AddressInfo).port };
}

/** A plugin whose vendors' hosts are all at one address, which leads to this port. */
function pluginAt(t: TestContext, port: number, options: PluginOptions = {}) {
  const dials = interceptDials(t, port);
  const clock = testClock();
  const network = grantOf("api.vendor.test", "files.vendor.test");
  const plugin = openPlugin(t, { clock, network, resolve: async () => [address], ...options });
  return { dials, clock, plugin };
}

function senderAt(t: TestContext, port: number) {
  interceptDials(t, port);
  const sender = createSender();
  t.after(() => sender.close());
  return (
    request: {
      method?: string;
      path?: string;
      headers?: [string, string][];
      body?: Parameters<typeof sender.send>[0]["body"];
    },
    options: Partial<Parameters<typeof sender.send>[1]> = {},
  ) => {
    const { path = "/", ...rest } = request;
    const url = new URL(path, vendorUrl);
    const sent = { method: "GET", url, headers: [], body: null, route: { addresses: [address] }, ...rest };
    const signal = new AbortController().signal;
    return sender.send(sent, {
      connectionId: "con_1",
      signal,
      maxResponseBytes: 64 * MiB,
      grow: () => {},
      ...options,
    });
  };
}

describe("a vendor that speaks HTTP/2 is spoken to over it,", () => {
  test("at the checked address, under its name, with many requests at a time on one socket", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream, headers) => {
      stream.respond({ ":status": 200, "x-path": headers[":path"] ?? "" });
      stream.end("over HTTP/2");
    });
    const { plugin, dials } = pluginAt(t, vendor.port);
    const paths = Array.from({ length: 20 }, (_, i) => `/v1/items?page=${i}`);
    const replies = await Promise.all(paths.map((path) => plugin.fetch({ url: vendorUrl + path })));
    assert.deepEqual(
      replies.map((reply) => [textOf(reply), Object.fromEntries(reply.headers)["x-path"]]),
      paths.map((path) => ["over HTTP/2", path]),
    );
    assert.deepEqual([dials.addresses, vendor.sockets()], [[`${address}:443`], 1]);
    for (const headers of vendor.seen) {
      assert.deepEqual(
        [headers[":authority"], headers["x-api-key"], headers.host],
        ["api.vendor.test", key, undefined],
      );
    }
  });

  test("unless the operator has switched it off", async (t) => {
    const versions: string[] = [];
    const server = createSecureServer(
      { key: pem("key"), cert: pem("vendor"), allowHTTP1: true },
      (request, response) => {
        versions.push(request.httpVersion);
        response.end();
      },
    );
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const { plugin } = pluginAt(t, port);
    const without = openPlugin(t, { clock: testClock(), resolve: async () => [address], http2: false });
    for (const { fetch } of [plugin, without]) await Promise.all([fetch(), fetch()]);
    assert.deepEqual(versions, ["2.0", "2.0", "1.1", "1.1"]);
  });

  test("with bodies both ways, compressed ones too", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream, _headers, sent) => {
      stream.respond({ ":status": 201, "content-encoding": "gzip" });
      stream.end(gzipSync(sent));
    });
    const { plugin } = pluginAt(t, vendor.port);
    const sent = "a body".repeat(200_000);
    const reply = await plugin.fetch({ method: "POST", body: sent });
    assert.deepEqual([reply.status, textOf(reply) === sent], [201, true]);
    assert.equal(vendor.seen[0]?.["content-length"], String(sent.length));
  });

  test("with several large bodies on their way at a time", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream, _headers, sent) => stream.end(String(sent.length)));
    const { plugin } = pluginAt(t, vendor.port);
    const large = new Uint8Array(8 * MiB);
    const replies = await Promise.all([1, 2, 3].map(() => plugin.fetch({ method: "POST", body: large })));
    for (const reply of replies) assert.equal(textOf(reply), String(large.length));
    assert.equal(vendor.sockets(), 1);
  });

  test("also where an answer has no body, or none is asked for", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream, headers) => {
      const status = headers[":method"] === "DELETE" ? 204 : 200;
      stream.respond(
        { ":status": status, ...(status === 200 && { "content-length": 1234 }) },
        { endStream: true },
      );
    });
    const { plugin } = pluginAt(t, vendor.port);
    assert.equal((await plugin.fetch({ method: "DELETE" })).status, 204);
    assert.equal((await plugin.fetch({ method: "HEAD" })).status, 200);
    assert.equal(vendor.sockets(), 1);
  });

  test("and what it says after the body is left out, as is what it says before its answer", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream) => {
      stream.additionalHeaders({ ":status": 103, "x-hint": "1" });
      stream.respond({ ":status": 200 }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "x-late": "1" }));
      stream.end("ok");
    });
    const reply = await pluginAt(t, vendor.port).plugin.fetch();
    assert.deepEqual([textOf(reply), reply.headers.map(([name]) => name)], ["ok", ["date"]]);
  });

  test("with no more requests at a time than it takes", async (t) => {
    const held: (() => void)[] = [];
    const vendor = await startHttp2Vendor(
      t,
      (stream) => {
        held.push(() => stream.end("ok"));
        if (held.length === 6) for (const answer of held) answer();
      },
      { mostStreams: 2 },
    );
    const { plugin } = pluginAt(t, vendor.port, { limits: { maxRetries: 0 } });
    const replies = await Promise.all(Array.from({ length: 6 }, () => plugin.fetch({ method: "POST" })));
    assert.ok(replies.every((reply) => textOf(reply) === "ok"));
    assert.equal(vendor.sockets(), 3);
  });

  test("and no socket is shared by two of its hosts, though one certificate and address is good for both", async (t) => {
    const vendor = await startHttp2Vendor(t);
    const { plugin, dials } = pluginAt(t, vendor.port);
    await plugin.fetch();
    await plugin.fetch({ url: "https://files.vendor.test/" });
    await plugin.over({ id: "con_2" }).fetch();
    assert.equal(vendor.sockets(), 3, "nor by two connections");
    assert.equal(dials.addresses.length, 3);
    assert.deepEqual(
      vendor.seen.map((headers) => headers[":authority"]),
      ["api.vendor.test", "files.vendor.test", "api.vendor.test"],
    );
  });
});

for (const certificate of ["expired", "other", "self-signed"]) {
  test(`no request goes over HTTP/2 to who shows a certificate that cannot be trusted: ${certificate}`, async (t) => {
    const vendor = await startHttp2Vendor(t, undefined, { certificate });
    const { plugin, clock } = pluginAt(t, vendor.port);
    await assert.rejects(plugin.fetch(), {
      code: "fetch-failed",
      message: /certificate that can be trusted/,
    });
    assert.deepEqual([vendor.seen, clock.pauses], [[], []]);
  });
}

describe("over HTTP/2 too a write is sent once and a read again, after", () => {
  const ok = (stream: number) => Buffer.concat([head(stream), body(stream, "ok", flags.endStream)]);
  const goaway = (last: number, code: number) => frame(types.goaway, 0, 0, uint32(last, code));
  const reset = (stream: number, code: number) => frame(types.reset, 0, stream, uint32(code));
  const troubles: Record<string, Parameters<typeof startFramesVendor>[1]> = {
    REFUSED_STREAM: (socket, stream) => socket.write(reset(stream, 7)),
    INTERNAL_ERROR: (socket, stream) => socket.write(reset(stream, 2)),
    CANCEL: (socket, stream) => socket.write(reset(stream, 8)),
    "a reset without an error": (socket, stream) => socket.write(reset(stream, 0)),
    "a GOAWAY that leaves it out": (socket) => socket.write(goaway(0, 0)),
    "a GOAWAY for an error": (socket) => socket.end(goaway(0, 11)),
    "a GOAWAY with the request under way": (socket, stream) => socket.end(goaway(stream, 0)),
    "a cut connection": (socket) => socket.destroy(),
    "a part of a body, and a reset without an error": (socket, stream) =>
      socket.write(Buffer.concat([head(stream), body(stream, "half"), reset(stream, 0)])),
    "a part of a body, and CANCEL": (socket, stream) =>
      socket.write(Buffer.concat([head(stream), body(stream, "half"), reset(stream, 8)])),
    "a body shorter than announced": (socket, stream) =>
      socket.write(
        Buffer.concat([head(stream, [["content-length", "9"]]), body(stream, "half", flags.endStream)]),
      ),
    "a body longer than announced": (socket, stream) =>
      socket.write(
        Buffer.concat([head(stream, [["content-length", "2"]]), body(stream, "half", flags.endStream)]),
      ),
  };
  for (const [what, trouble] of Object.entries(troubles)) {
    test(what, async (t) => {
      const vendor = await startFramesVendor(t, (socket, stream, request) =>
        request % 2 === 1 ? trouble(socket, stream, request) : socket.write(ok(stream)),
      );
      const { plugin } = pluginAt(t, vendor.port);
      assert.equal(textOf(await plugin.fetch()), "ok");
      assert.equal(vendor.requests(), 2);
      await assert.rejects(plugin.fetch({ method: "POST", body: "pay" }), { code: "fetch-failed" });
      assert.equal(vendor.requests(), 3);
      assert.equal(
        textOf(await plugin.fetch({ method: "POST", body: "pay" })),
        "ok",
        "and all is well again",
      );
    });
  }
});

describe("a vendor that does not speak HTTP/2 as it should is an error:", () => {
  const answers: Record<string, (stream: number) => Buffer> = {
    "without a status": (stream) => frame(types.headers, flags.endHeaders | flags.endStream, stream),
    "with a status that is none": (stream) =>
      head(stream, [[":status", "999"]], flags.endHeaders | flags.endStream),
    "with a switch of protocols": (stream) =>
      head(stream, [[":status", "101"]], flags.endHeaders | flags.endStream),
    "with a header of the connection": (stream) =>
      head(stream, [["transfer-encoding", "chunked"]], flags.endHeaders | flags.endStream),
    "with a name in capitals": (stream) =>
      head(stream, [["X-Page", "1"]], flags.endHeaders | flags.endStream),
    "with a body before its headers": (stream) => body(stream, "ok", flags.endStream),
    "with large headers": (stream) =>
      Buffer.concat([
        head(stream, [["x-large", "x".repeat(10_000)]], flags.endStream),
        frame(types.continuation, flags.endHeaders, stream, header("x-larger", "x".repeat(10_000))),
      ]),
    "with thousands of headers": (stream) =>
      head(
        stream,
        Array.from({ length: 2_000 }, () => ["a", "1"]),
        flags.endHeaders | flags.endStream,
      ),
    "with headers without end": (stream) =>
      Buffer.concat([
        head(stream, [], 0),
        ...Array.from({ length: 1_000 }, () => frame(types.continuation, 0, stream)),
      ]),
    "with a push": (stream) =>
      frame(types.push, flags.endHeaders, stream, Buffer.concat([uint32(2), head(2).subarray(9)])),
    "with something else": () => Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"),
  };
  for (const [how, answer] of Object.entries(answers)) {
    test(how, async (t) => {
      const vendor = await startFramesVendor(t, (socket, stream) => socket.write(answer(stream)));
      const { plugin } = pluginAt(t, vendor.port, { limits: { maxRetries: 0 } });
      await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    });
  }
});

describe("a vendor that floods a session is given up, however it spreads the flood:", () => {
  const floods = {
    settings: frame(types.settings, 0, 0),
    pings: frame(types.ping, 0, 0, Buffer.alloc(8)),
  };
  for (const [what, one] of Object.entries(floods)) {
    test(what, async (t) => {
      const some = Buffer.concat(Array.from({ length: 200 }, () => one));
      const vendor = await startFramesVendor(t, async (socket, stream) => {
        for (let i = 0; i < 100 && !socket.destroyed; i++) {
          socket.write(some);
          await new Promise((resolve) => setImmediate(resolve));
        }
        socket.write(Buffer.concat([head(stream), body(stream, "ok", flags.endStream)]));
      });
      const { plugin } = pluginAt(t, vendor.port, { limits: { maxRetries: 0 } });
      await assert.rejects(plugin.fetch(), { code: "fetch-failed" });
    });
  }
});

describe("over HTTP/2 nothing is left over", () => {
  const goaway = frame(types.goaway, 0, 0, uint32(1, 0));

  test("of a body that the vendor answered to, but does not take", async (t) => {
    const vendor = await startFramesVendor(t, (socket, stream) =>
      socket.write(head(stream, [], flags.endHeaders | flags.endStream)),
    );
    const { plugin } = pluginAt(t, vendor.port);
    for (let i = 0; i < 3; i++) {
      const isReset = new Promise<number>((resolve) => {
        vendor.onReset = resolve;
      });
      assert.equal((await plugin.fetch({ method: "POST", body: new Uint8Array(MiB) })).status, 200);
      await isReset;
    }
    assert.equal(vendor.sockets(), 1);
  });

  test("of a socket on which the vendor said goodbye, and which it does not close", async (t) => {
    const vendor = await startFramesVendor(t, (socket, stream) =>
      socket.write(Buffer.concat([head(stream), body(stream, "ok", flags.endStream), goaway])),
    );
    const { plugin, dials } = pluginAt(t, vendor.port);
    for (let i = 0; i < 3; i++) assert.equal(textOf(await plugin.fetch()), "ok");
    await Promise.all(dials.sockets.map((socket) => socket.closed || once(socket, "close")));
  });

  test("of a call to a vendor that says goodbye before it was asked", async (t) => {
    const greeting = Buffer.concat([frame(types.settings, 0, 0), goaway]);
    const vendor = await startFramesVendor(t, () => {}, greeting);
    const { plugin, dials } = pluginAt(t, vendor.port, { limits: { maxRetries: 0 } });
    await assert.rejects(plugin.fetch({ method: "POST" }), { code: "fetch-failed" });
    await Promise.all(dials.sockets.map((socket) => socket.closed || once(socket, "close")));
  });
});

describe("over HTTP/2 requests do not stand in each other's way:", () => {
  test("one whose call ends is taken back, and the others on its socket go on", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const gone = Promise.withResolvers<void>();
    const vendor = await startHttp2Vendor(t, (stream, headers) => {
      if (headers[":path"] !== "/slow") return void stream.end("ok");
      stream.on("close", gone.resolve);
      stream.write("a part");
    });
    const send = senderAt(t, vendor.port);
    const call = new AbortController();
    const slow = send(
      { path: "/slow", method: "POST" },
      { signal: call.signal, sink: () => () => arrived.resolve() },
    );
    await arrived.promise;
    const other = send({});
    call.abort(new CapabilityError("fetch-aborted", "enough"));
    await assert.rejects(slow, { code: "fetch-aborted" });
    await gone.promise;
    assert.equal((await other).body.toString(), "ok");
    assert.equal((await send({})).body.toString(), "ok");
    assert.equal(vendor.sockets(), 1);
  });

  for (const when of ["headers", "body"]) {
    test(`one whose ${when} do not come in time is given up`, async (t) => {
      const arrived = Promise.withResolvers<void>();
      const vendor = await startHttp2Vendor(t, (stream) => {
        if (when === "body") stream.write("a part", () => arrived.resolve());
        else arrived.resolve();
      });
      const { plugin, clock } = pluginAt(t, vendor.port);
      const reply = plugin.fetch();
      await arrived.promise;
      clock.passDeadline();
      await assert.rejects(reply, { code: "fetch-timeout" });
      assert.equal(vendor.seen.length, 1);
    });
  }

  test("a socket on which one got no answer is not used for the next, until the vendor has shown that it is there", async (t) => {
    const arrived = Promise.withResolvers<void>();
    const vendor = await startFramesVendor(t, (socket, stream, request) => {
      if (request > 1) socket.write(Buffer.concat([head(stream), body(stream, "ok", flags.endStream)]));
      else arrived.resolve();
    });
    const { plugin, clock } = pluginAt(t, vendor.port);
    const reply = plugin.fetch({ method: "POST" });
    await arrived.promise;
    clock.passDeadline();
    await assert.rejects(reply, { code: "fetch-timeout" });
    assert.equal(textOf(await plugin.fetch({ method: "POST" })), "ok");
    assert.equal(vendor.sockets(), 2);
  });

  test("a body that nobody takes holds up none of the others", async (t) => {
    const large = Buffer.alloc(4 * MiB);
    const vendor = await startHttp2Vendor(t, (stream) => stream.end(large));
    const send = senderAt(t, vendor.port);
    const calls = Array.from({ length: 8 }, () => new AbortController());
    const began = calls.map(() => Promise.withResolvers<void>());
    const stalled = calls.map(({ signal }, i) => {
      const sink = () => () => {
        began[i]?.resolve();
        return new Promise<void>(() => {});
      };
      return send({ path: "/stalled" }, { signal, sink });
    });
    await Promise.all(began.map(({ promise }) => promise));
    assert.equal((await send({})).body.length, large.length);
    assert.equal(vendor.sockets(), 1);
    for (const call of calls) call.abort(new CapabilityError("fetch-aborted", "enough"));
    for (const outcome of await Promise.allSettled(stalled)) assert.equal(outcome.status, "rejected");
  });

  test("a body that is too large is cut off, also where it is so only when it is decompressed", async (t) => {
    const bomb = gzipSync(Buffer.alloc(64 * MiB));
    const vendor = await startHttp2Vendor(t, (stream, headers) => {
      if (headers[":path"] === "/bomb") stream.respond({ ":status": 200, "content-encoding": "gzip" });
      stream.end(
        headers[":path"] === "/bomb" ? bomb : headers[":path"] === "/" ? "ok" : Buffer.alloc(2 * MiB),
      );
    });
    const { plugin } = pluginAt(t, vendor.port, { limits: { maxResponseBytes: MiB } });
    for (const path of ["/bomb", "/large"]) {
      await assert.rejects(plugin.fetch({ url: vendorUrl + path }), { code: "fetch-response-too-large" });
    }
    assert.equal(textOf(await plugin.fetch()), "ok");
    assert.equal(vendor.sockets(), 1);
  });
});

test("what cannot be written as HTTP/2 is an error, and no reason to try without end", async (t) => {
  const vendor = await startHttp2Vendor(t);
  const send = senderAt(t, vendor.port);
  await send({});
  await assert.rejects(send({ headers: [["connection", "x-hop"]] }), {
    code: "fetch-failed",
    message: "The request to api.vendor.test cannot be written as HTTP.",
  });
  await send({ headers: [["x-name", "J\u00fcrgen"]] });
  assert.deepEqual([vendor.seen.length, vendor.sockets()], [2, 1]);
  assert.equal(vendor.seen[1]?.["x-name"], "J\u00fcrgen");
});

describe("a body of known length is sent over HTTP/2 from a stream", () => {
  async function* pieces(...all: string[]) {
    for (const piece of all) yield Buffer.from(piece);
  }

  test("as it comes, with its length", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream, _headers, sent) => stream.end(sent));
    const put = { method: "PUT", body: { byteLength: 6, stream: () => pieces("one", "two") } };
    assert.equal((await senderAt(t, vendor.port)(put)).body.toString(), "onetwo");
    assert.equal(vendor.seen[0]?.["content-length"], "6");
  });

  test("and never counts as sent where it has another length, or breaks off", async (t) => {
    const vendor = await startHttp2Vendor(t, (stream, _headers, sent) => stream.end(sent));
    const send = senderAt(t, vendor.port);
    for (const all of [["one"], ["one", "two", "six"]]) {
      const put = { method: "PUT", body: { byteLength: 6, stream: () => pieces(...all) } };
      await assert.rejects(send(put), { code: "fetch-failed" });
    }
    const gone = new CapabilityError("fetch-aborted", "The file is gone.");
    async function* failing() {
      yield Buffer.from("one");
      throw gone;
    }
    await assert.rejects(send({ method: "PUT", body: { byteLength: 6, stream: failing } }), gone);
  });
});
