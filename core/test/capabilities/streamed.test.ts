import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer, type Socket } from "node:net";
import { describe, type TestContext, test } from "node:test";
import { gzipSync } from "node:zlib";
import { CapabilityError } from "../../kernel/capabilities/errors.ts";
import { createSender, dial, type SendOptions } from "../../kernel/capabilities/fetch/send/index.ts";
import { startVendor, vendorUrl } from "./harness.ts";

const MiB = 1024 * 1024;

function senderTo(t: TestContext, standIn: string) {
  const sender = createSender();
  t.after(() => sender.close());
  return (
    request: { method?: string; body?: Parameters<typeof sender.send>[0]["body"] },
    options: Partial<SendOptions> = {},
  ) =>
    sender.send(
      {
        method: "GET",
        url: new URL(vendorUrl),
        headers: [],
        body: null,
        route: { standIn: new URL(standIn) },
        ...request,
      },
      {
        connectionId: "con_1",
        signal: new AbortController().signal,
        maxResponseBytes: 64 * MiB,
        grow: () => assert.fail("nothing of it is kept"),
        ...options,
      },
    );
}

const large = Buffer.alloc(16 * MiB, "0123456789abcdef");

describe("a vendor's body goes into a sink", () => {
  for (const [coding, body] of [
    ["identity", large],
    ["gzip", gzipSync(large)],
  ] as const) {
    test(`whole and in order, however slowly it is taken (${coding})`, async (t) => {
      const vendor = await startVendor(t, (_, response) =>
        response.writeHead(200, { "content-encoding": coding }).end(body),
      );
      const hash = createHash("sha256");
      let underWay = 0;
      const reply = await senderTo(t, vendor.origin)(
        {},
        {
          sink: ({ status }) => {
            assert.equal(status, 200);
            return async (piece) => {
              assert.equal(underWay++, 0, "one piece at a time");
              await new Promise((resolve) => setImmediate(resolve));
              hash.update(piece);
              underWay--;
            };
          },
        },
      );
      assert.equal(reply.body.length, 0);
      assert.equal(hash.digest("hex"), createHash("sha256").update(large).digest("hex"));
    });
  }

  test("and the vendor waits while nothing of it is taken", async (t) => {
    let flowing = 0;
    const stopped = Promise.withResolvers<void>();
    const vendor = await startVendor(t, (_, response) => {
      const write = () => {
        // Without end, unless the vendor is held back.
        while (response.write(large.subarray(0, 64 * 1024))) flowing += 64 * 1024;
        stopped.resolve();
      };
      response.on("drain", write);
      write();
    });
    const taken = Promise.withResolvers<void>();
    const call = new AbortController();
    const reply = senderTo(t, vendor.origin)(
      {},
      {
        signal: call.signal,
        sink: () => () => {
          taken.resolve();
          return new Promise(() => {});
        },
      },
    );
    await taken.promise;
    await stopped.promise;
    let before = -1;
    while (before !== flowing) {
      before = flowing;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.ok(flowing < 32 * MiB, `${flowing} bytes`);
    call.abort(new CapabilityError("fetch-aborted", "enough"));
    await assert.rejects(reply, { code: "fetch-aborted" });
  });

  test("up to the cap, which counts what comes out of a decompressor", async (t) => {
    const vendor = await startVendor(t, (_, response) =>
      response.writeHead(200, { "content-encoding": "gzip" }).end(gzipSync(large)),
    );
    let bytes = 0;
    const sink = () => (piece: Buffer) => {
      bytes += piece.length;
    };
    await assert.rejects(senderTo(t, vendor.origin)({}, { sink, maxResponseBytes: MiB }), {
      code: "fetch-response-too-large",
    });
    assert.ok(bytes <= MiB);
  });

  test("unless it breaks off: then there was no reply", async (t) => {
    const vendor = await startVendor(t, (_, response) => {
      response.writeHead(200, { "content-length": large.length });
      response.write(large.subarray(0, MiB), () => response.destroy());
    });
    await assert.rejects(senderTo(t, vendor.origin)({}, { sink: () => () => {} }), { code: "fetch-failed" });
  });

  test("and what a sink throws ends the request", async (t) => {
    const gone = Promise.withResolvers<void>();
    const vendor = await startVendor(t, (_, response) => {
      response.on("close", gone.resolve);
      response.write("a part");
    });
    const full = new CapabilityError("fetch-host-busy", "The disk is full.");
    const sink = () => async () => {
      throw full;
    };
    await assert.rejects(senderTo(t, vendor.origin)({}, { sink }), full);
    await gone.promise;
  });

  test("if one is given for this head; otherwise it is in the response, as ever", async (t) => {
    const vendor = await startVendor(t, (_, response) => response.writeHead(503).end("busy"));
    let grown = 0;
    const reply = await senderTo(t, vendor.origin)(
      {},
      {
        sink: ({ status }) => (status === 200 ? () => {} : undefined),
        grow: (bytes) => {
          grown += bytes;
        },
      },
    );
    assert.deepEqual([reply.body.toString(), grown], ["busy", 4]);
  });
});

describe("a body of known length is sent from a stream", () => {
  async function* pieces(...all: (string | Buffer)[]) {
    for (const piece of all) yield Buffer.from(piece);
  }

  test("as it comes, with its length", async (t) => {
    const vendor = await startVendor(t);
    const body = { byteLength: 9, stream: () => pieces("one", "two", "six") };
    await senderTo(t, vendor.origin)({ method: "PUT", body }, { grow: () => {} });
    const [seen] = vendor.requests;
    assert.deepEqual([seen?.body, seen?.headers["content-length"]], ["onetwosix", "9"]);
  });

  for (const [what, all] of [
    ["shorter", ["one"]],
    ["longer", ["one", "two", "six", "ten"]],
  ] as const) {
    test(`and never counts as sent where it is ${what} than it was said to be`, async (t) => {
      const vendor = await startVendor(t);
      const body = { byteLength: 9, stream: () => pieces(...all) };
      await assert.rejects(senderTo(t, vendor.origin)({ method: "PUT", body }), { code: "fetch-failed" });
    });
  }

  test("and is let go when the request ends before it", async (t) => {
    const ended = Promise.withResolvers<void>();
    const vendor = createServer((socket) => void socket.on("error", () => {}).pause());
    vendor.listen(0, "127.0.0.1");
    await once(vendor, "listening");
    t.after(() => vendor.close());
    const call = new AbortController();
    async function* endless() {
      try {
        for (;;) yield large.subarray(0, MiB);
      } finally {
        ended.resolve();
      }
    }
    const body = { byteLength: Number.MAX_SAFE_INTEGER, stream: endless };
    const send = senderTo(t, `http://127.0.0.1:${(vendor.address() as AddressInfo).port}`);
    vendor.once("connection", () =>
      setImmediate(() => call.abort(new CapabilityError("fetch-aborted", "enough"))),
    );
    await assert.rejects(send({ method: "PUT", body }, { signal: call.signal }), { code: "fetch-aborted" });
    await ended.promise;
  });

  test("and what the stream throws is thrown", async (t) => {
    const vendor = await startVendor(t);
    const gone = new CapabilityError("fetch-aborted", "The file is gone.");
    async function* failing() {
      yield Buffer.from("one");
      throw gone;
    }
    const body = { byteLength: 9, stream: failing };
    await assert.rejects(senderTo(t, vendor.origin)({ method: "PUT", body }), gone);
    assert.equal(vendor.requests.length, 0);
  });
});

test("a kept socket that the vendor has closed is no reason to fail, and none to send a write twice", async (t) => {
  const sockets: Socket[] = [];
  let seen = "";
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("data", (data) => {
      seen += data;
      socket.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const send = senderTo(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const options = { grow: () => {} };
  await send({ method: "POST" }, options);
  const [first] = sockets;
  first?.resetAndDestroy();
  // Until this side may have heard of it.
  for (let turns = 0; turns < 3; turns++) await new Promise((resolve) => setImmediate(resolve));
  await send({ method: "POST" }, options);
  await send({ method: "POST" }, options);
  for (const socket of sockets) socket.destroy();
  assert.deepEqual([seen.match(/POST/g)?.length, sockets.length], [3, 2]);
});

test("nobody is dialled for a request that is over already", async (t) => {
  const vendor = await startVendor(t, (_, response) => response.end());
  const place = { url: new URL(vendorUrl), route: { standIn: new URL(vendor.origin) }, session: undefined };
  const over = AbortSignal.abort(new Error("It is over."));
  const dialling = dial({ ...place, protocols: ["http/1.1"], onSession: () => {} }, over);
  await assert.rejects(dialling, over.reason);
});
