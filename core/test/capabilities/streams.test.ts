/** Sockets of vendors: what may be opened, what comes through, and how much of it. Each against a real WebSocket server. */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { before, describe, type TestContext, test } from "node:test";
import { createMetrics, type Logger } from "@plugboard/service-kit/observe";
import {
  acceptByHand,
  frame,
  type StreamVendor,
  startStreamVendor,
} from "../../../test/support/stream-vendor.ts";
import {
  type CapabilityError,
  type Clock,
  createEgressBroker,
  type EgressConnection,
  type EgressLimits,
  type StreamOpening,
  type VendorStream,
} from "../../kernel/capabilities/index.ts";
import { pem, trustTestAuthority } from "./certificates.ts";
import { interceptDials } from "./dials.ts";
import { key, turnedClock } from "./harness.ts";

const host = "wss.vendor.test";
const base64 = Buffer.from(key).toString("base64");

interface Options {
  vendor?: StreamVendor;
  limits?: Partial<EgressLimits>;
  clock?: Clock;
  connection?: Partial<EgressConnection>;
  allowsBinary?: boolean;
  resolve?: (hostname: string) => Promise<string[]>;
}

/** A plugin that may open sockets at `/live/**` of the vendor, with an API key in `x-api-key`. */
function openListener(
  t: TestContext,
  { vendor, limits, clock, allowsBinary = false, resolve, ...options }: Options,
) {
  const metrics = createMetrics({ runtime: false });
  const reached: string[] = [];
  const broker = createEgressBroker({
    rewrite: vendor ? { [host]: vendor.url } : {},
    metrics,
    onLimit: (limit) => reached.push(limit),
    resolve: resolve ?? (() => Promise.reject(new Error("This test resolves no names."))),
    ...(limits && { limits }),
    ...(clock && { clock }),
  });
  t.after(() => broker.close());
  const silent = () => {};
  const open = (
    opening: Partial<StreamOpening> = {},
    connection: Partial<EgressConnection> = {},
    signal = new AbortController().signal,
  ): Promise<VendorStream> =>
    broker.openStream(
      {
        network: [{ hosts: [host], methods: ["WEBSOCKET"], paths: ["/live/**"], reason: "Hear" }],
        log: { debug: silent, info: silent, warn: silent, error: silent } as unknown as Logger,
        allowsBinary,
        connection: {
          id: "con_1",
          tenantId: "tnt_1",
          pluginId: "acme/vendor",
          status: "active",
          config: {},
          auth: { type: "apiKey", in: "header", name: "X-Api-Key" },
          credential: async () => ({ type: "apiKey", key }),
          ...options.connection,
          ...connection,
        },
      },
      { url: `wss://${host}/live/all`, ...opening },
      signal,
    );
  const hold = () => broker.hold({ id: "con_1", tenantId: "tnt_1", pluginId: "acme/vendor" });
  return { open, metrics, reached, hold, close: () => broker.close() };
}

const refusal = (work: Promise<unknown>): Promise<CapabilityError> =>
  work.then(
    () => assert.fail("It went through."),
    (error: CapabilityError) => error,
  );

/** Everything until the stream ends, and why it has. */
async function drain(stream: VendorStream) {
  const messages: unknown[] = [];
  for (;;) {
    try {
      messages.push(...(await stream.next()));
    } catch (error) {
      stream.close();
      return { messages, error: error as CapabilityError };
    }
  }
}

async function until(look: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await new Promise((go) => setTimeout(go, 5)))
    if (await look()) return;
  throw new Error("It did not come true.");
}

/** A vendor that says yes by hand, and then writes what `write` makes. */
async function vendorThatWrites(
  t: TestContext,
  write: (raw: Duplex, request: IncomingMessage) => void,
  headers: string[] = [],
) {
  const vendor = await startStreamVendor(t);
  vendor.intercept = (request, raw) => {
    acceptByHand(request, raw, headers);
    write(raw, request);
    return true;
  };
  return vendor;
}

before(trustTestAuthority);

describe("the handshake", () => {
  test("carries the credential, and what comes back of it is taken out", async (t) => {
    const vendor = await startStreamVendor(t);
    vendor.greet = (socket, { headers }) => {
      socket.send(`you are ${headers["x-api-key"]}, or ${base64}`);
      socket.close(4000, `${key}\0\n`);
    };
    const { open } = openListener(t, { vendor });
    const stream = await open({ headers: { "x-api-key": "a guess", "X-Client": "one" } });
    const { messages, error } = await drain(stream);
    assert.deepEqual(messages, ["you are [redacted], or [redacted]"]);
    assert.equal(error.code, "stream-closed");
    assert.match(error.message, /4000: \[redacted\] {2}$/);
    assert.deepEqual(
      vendor.handshakes.map(({ headers }) => [headers["x-api-key"], headers["x-client"]]),
      [[key, "one"]],
    );
  });

  test("puts a key into the query where that is declared, over what the plugin wrote", async (t) => {
    const vendor = await startStreamVendor(t);
    const { open } = openListener(t, {
      vendor,
      connection: { auth: { type: "apiKey", in: "query", name: "token" } },
    });
    (await open({ url: `wss://${host}/live/all?token=mine&a=b` })).close();
    assert.deepEqual(
      vendor.handshakes.map(({ url }) => url),
      [`/live/all?a=b&token=${encodeURIComponent(key)}`],
    );
  });

  test("is refused before anything is sent where it is not granted, or not what it should be", async (t) => {
    const vendor = await startStreamVendor(t);
    const { open } = openListener(t, { vendor });
    const codes = (openings: Partial<StreamOpening>[]) =>
      Promise.all(openings.map(async (opening) => (await refusal(open(opening))).code));
    const elsewhere = [
      "wss://other.vendor.test/live/all",
      `wss://${host}/admin`,
      `wss://${host}:8443/live/all`,
    ];
    assert.deepEqual(await codes(elsewhere.map((url) => ({ url }))), Array(3).fill("fetch-not-granted"));
    const crooked: Partial<StreamOpening>[] = [
      ...[
        `ws://${host}/live/all`,
        `https://${host}/live/all`,
        `wss://me:me@${host}/live/all`,
        "/live/all",
        "",
      ].map((url) => ({ url })),
      ...[
        "sec-websocket-key",
        "Sec-WebSocket-Extensions",
        "upgrade",
        "cookie",
        "x-forwarded-host",
        "a b",
      ].map((name) => ({
        headers: { [name]: "x" },
      })),
      { headers: { "x-a": "1\r\nx-api-key: stolen" } },
      ...["a, b", "a\r\nX-B: c", "", "a a"].map((protocol) => ({ protocols: [protocol] })),
      { protocols: ["a", "a"] },
    ];
    assert.deepEqual(await codes(crooked), Array(crooked.length).fill("fetch-invalid-request"));
    assert.equal((await refusal(open({}, { status: "inactive" }))).code, "connection-inactive");
    assert.deepEqual(vendor.handshakes, []);
  });

  test("follows nothing, and says how it was answered", async (t) => {
    const elsewhere = await startStreamVendor(t);
    const vendor = await startStreamVendor(t);
    const answers = [
      `302 Found\r\nLocation: ${elsewhere.url}/live/all`,
      "200 OK",
      "429 Slow\r\nRetry-After: 7",
    ];
    vendor.intercept = (_, raw) =>
      raw.end(`HTTP/1.1 ${answers.shift()}\r\nX: ${key}\r\nContent-Length: 0\r\n\r\n`) !== undefined;
    const { open } = openListener(t, { vendor });
    const errors = [await refusal(open()), await refusal(open()), await refusal(open())];
    assert.deepEqual(
      errors.map(({ code, retryAfterMs }) => [code, retryAfterMs]),
      [
        ["stream-refused", undefined],
        ["stream-refused", undefined],
        ["stream-refused", 7_000],
      ],
    );
    assert.ok(errors.every(({ message }) => !message.includes(key)));
    assert.deepEqual(elsewhere.handshakes, []);
  });

  test("takes no compression, no subprotocol and no proof that was not asked for", async (t) => {
    for (const header of ["Sec-WebSocket-Extensions: permessage-deflate", "Sec-WebSocket-Protocol: root"]) {
      const vendor = await vendorThatWrites(t, () => {}, [header]);
      assert.equal((await refusal(openListener(t, { vendor }).open())).code, "fetch-failed");
    }
    const vendor = await startStreamVendor(t);
    vendor.intercept = (_, raw) =>
      raw.write(
        "HTTP/1.1 101 Hi\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: no\r\n\r\n",
      );
    assert.equal((await refusal(openListener(t, { vendor }).open())).code, "fetch-failed");
  });

  test("asks once for a fresh token where the vendor refuses the first, and neither comes through", async (t) => {
    const tokens = ["token-one-0123456789", "token-two-0123456789"];
    const vendor = await startStreamVendor(t);
    vendor.intercept = ({ headers }, raw) =>
      headers.authorization === `Bearer ${tokens[1]}`
        ? false
        : raw.end("HTTP/1.1 401 No\r\n\r\n") !== undefined;
    vendor.greet = (socket) => {
      socket.send(tokens.join(" "));
      socket.close(1000);
    };
    const asked: unknown[] = [];
    const connection: Partial<EgressConnection> = {
      auth: { type: "oauth2", grant: "client_credentials", tokenUrl: `https://${host}/token` },
      async credential(options = {}) {
        asked.push(options);
        return { type: "oauth2", accessToken: tokens[options.staleAccessToken ? 1 : 0] ?? "" };
      },
    };
    const { messages } = await drain(await openListener(t, { vendor, connection }).open());
    assert.deepEqual(messages, ["[redacted] [redacted]"]);
    assert.deepEqual(asked, [{}, { staleAccessToken: tokens[0] }]);
    const { code } = await refusal(openListener(t, { vendor }).open());
    assert.equal(code, "stream-unauthorized", "a stored key can be asked for nothing else");
  });

  test("goes to the addresses that were checked, and to none that is not public", async (t) => {
    const answers = [["93.184.216.34"], ["93.184.216.34", "10.0.0.1"], ["169.254.169.254"]];
    const dials = interceptDials(t);
    const { open } = openListener(t, { resolve: async () => answers.shift() ?? [] });
    const codes = [];
    for (let i = 0; i < 4; i++) codes.push((await refusal(open())).code);
    assert.deepEqual(codes, [
      "fetch-failed",
      "fetch-address-not-public",
      "fetch-address-not-public",
      "fetch-dns-failed",
    ]);
    assert.deepEqual(dials.addresses, ["93.184.216.34:443"]);
  });

  test("is one of HTTP/1.1 also where the vendor speaks HTTP/2, and would rather", async (t) => {
    const server = createSecureServer({ key: pem("key"), cert: pem("vendor"), allowHTTP1: true });
    server.on("upgrade", (request: IncomingMessage, raw: Duplex) => {
      t.after(() => raw.destroy());
      acceptByHand(request, raw);
      raw.write(frame(0x81, Buffer.from("over TLS")));
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    interceptDials(t, (server.address() as AddressInfo).port);
    const stream = await openListener(t, { resolve: async () => ["93.184.216.34"] }).open();
    assert.deepEqual(await stream.next(), ["over TLS"]);
    stream.close();
  });
});

describe("what comes over a socket", () => {
  test("is text, or bytes where the plugin may have them", async (t) => {
    const vendor = await startStreamVendor(t);
    vendor.greet = (socket) => {
      socket.send("before");
      socket.send(Buffer.from(`\0${key}\xff`, "latin1"));
      socket.close(1000);
    };
    const refused = await drain(await openListener(t, { vendor }).open());
    assert.deepEqual([refused.messages, refused.error.code], [["before"], "stream-binary-not-granted"]);
    const { messages } = await drain(await openListener(t, { vendor, allowsBinary: true }).open());
    const bytes = Buffer.from("\0[redacted]\xff", "latin1").toString("base64");
    assert.deepEqual(messages, ["before", { base64: bytes }]);
  });

  test("ends it where it is too large, in too many pieces, or no proper WebSocket", async (t) => {
    const limits = { maxStreamMessageBytes: 4_096 };
    const cases: [string, Buffer][] = [
      ["stream-message-too-large", frame(0x81, Buffer.alloc(0), 1 << 30)],
      [
        "stream-message-too-large",
        Buffer.concat(
          Array.from({ length: 5 }, () => frame(0x01, Buffer.alloc(1_000))).map((one, i) =>
            i === 0 ? one : Buffer.concat([Buffer.from([0]), one.subarray(1)]),
          ),
        ),
      ],
      [
        "stream-malformed",
        Buffer.concat([
          frame(0x01, Buffer.from("a")),
          ...Array.from({ length: 2_000 }, () => frame(0x00, Buffer.from("a"))),
        ]),
      ],
      ["stream-malformed", frame(0xc1, Buffer.from("compressed"))],
      ["stream-malformed", frame(0x81, Buffer.from([0xff, 0xfe]))],
      ["stream-malformed", frame(0x83, Buffer.from("?"))],
    ];
    for (const [code, bytes] of cases) {
      const vendor = await vendorThatWrites(t, (raw) => raw.write(bytes));
      const { reached, open } = openListener(t, { vendor, limits });
      assert.equal((await drain(await open())).error.code, code);
      assert.deepEqual(reached, code === "stream-message-too-large" ? ["maxStreamMessageBytes"] : []);
    }
  });

  test("counts while it is a part of a message only", async (t) => {
    const vendor = await vendorThatWrites(t, (raw) => raw.write(frame(0x81, Buffer.alloc(700_000), 900_000)));
    const limits = { maxBufferedBytesPerPluginTenant: 500_000 };
    const { reached, open } = openListener(t, { vendor, limits });
    assert.equal((await drain(await open())).error.code, "fetch-tenant-busy");
    assert.deepEqual(reached, ["maxBufferedBytesPerPluginTenant"]);
  });

  test("counts no longer than it is there: pings of a quiet day fill nothing", async (t) => {
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => frame(0x89, Buffer.alloc(100))));
    const vendor = await vendorThatWrites(t, (raw) => {
      raw.resume();
      for (let i = 0; i < 20; i++) raw.write(pings);
      raw.write(frame(0x81, Buffer.from("still here")));
    });
    const limits = { maxBufferedBytesPerPluginTenant: 300_000, maxStreamMessagesPerSecond: 1_000_000 };
    const stream = await openListener(t, { vendor, limits }).open();
    assert.deepEqual(await stream.next(), ["still here"]);
  });

  test("stays at the vendor while the plugin is behind, and loses nothing", async (t) => {
    const vendor = await startStreamVendor(t);
    const count = 8_000;
    vendor.greet = (socket) => {
      for (let i = 0; i < count; i++) socket.send(String(i).padEnd(1_000, "."));
      socket.close(1000);
    };
    const limits = { maxStreamQueuedMessages: 100, maxStreamMessagesPerSecond: 1_000_000 };
    const { open, metrics } = openListener(t, { vendor, limits });
    const stream = await open();
    const isPaused = async () =>
      (await metrics.text()).includes('plugboard_stream_pauses_total{plugin="acme/vendor",why="full"}');
    await until(isPaused);
    assert.ok(stream.counts.received < 200, `${stream.counts.received} were read ahead`);
    assert.ok((vendor.sockets[0]?.bufferedAmount ?? 0) > 0);
    const { messages } = await drain(stream);
    assert.deepEqual(
      messages.map((message) => Number.parseInt(String(message), 10)),
      Array.from({ length: count }, (_, i) => i),
    );
  });

  test("is read no faster than it may come, pings too", async (t) => {
    for (const opcode of [0x81, 0x89]) {
      let written = false;
      const vendor = await vendorThatWrites(t, (raw) => {
        raw.resume();
        raw.write(
          Buffer.concat(Array.from({ length: 100_000 }, () => frame(opcode, Buffer.alloc(100)))),
          () => {
            written = true;
          },
        );
      });
      const clock = turnedClock();
      const limits = { maxStreamMessagesPerSecond: 10, maxStreamQueuedMessages: 10_000 };
      const { open, metrics } = openListener(t, { vendor, limits, clock });
      const stream = await open();
      await until(async () => (await metrics.text()).includes('why="fast"'));
      // One piece of what was read may hold more; and then there is silence, for as long as time stands still.
      assert.ok(stream.counts.received < 1_500, `${stream.counts.received} were read`);
      assert.equal(written, false);
      stream.close();
    }
  });
});

describe("a socket", () => {
  test("that is silent is asked whether it is there, and given up when it does not say so", async (t) => {
    let pings = 0;
    const vendor = await vendorThatWrites(t, (raw) => {
      raw.on("data", (bytes: Buffer) => {
        if (bytes[0] !== 0x89) return;
        pings++;
        if (pings === 1) raw.write(frame(0x8a, Buffer.alloc(0)));
      });
    });
    const clock = turnedClock();
    const { open, reached } = openListener(t, { vendor, clock, limits: { streamSilenceMs: 30_000 } });
    const stream = await open();
    clock.turn(10_000);
    await until(() => pings === 1);
    clock.turn(20_000);
    await until(() => pings === 2 || pings === 3);
    clock.turn(30_000);
    assert.equal((await drain(stream)).error.code, "stream-silent");
    assert.deepEqual(reached, ["streamSilenceMs"]);
  });

  test("over which a message is begun and never ended is given up, however alive the vendor is", async (t) => {
    let pings = 0;
    const vendor = await vendorThatWrites(t, (raw) => {
      raw.write(frame(0x01, Buffer.from("the first part of a mess")));
      raw.on("data", (bytes: Buffer) => {
        if (bytes[0] !== 0x89) return;
        pings++;
        raw.write(frame(0x8a, Buffer.alloc(0)));
      });
    });
    const clock = turnedClock();
    const { open, reached } = openListener(t, { vendor, clock, limits: { streamSilenceMs: 30_000 } });
    const stream = await open();
    const ended = drain(stream);
    for (let turns = 1; turns <= 4; turns++) {
      clock.turn(10_000);
      if (turns < 3) await until(() => pings >= turns);
    }
    const { error } = await ended;
    assert.equal(error.code, "stream-silent");
    assert.match(error.message, /began a message/);
    assert.deepEqual(reached, ["streamSilenceMs"]);
  });

  test("over which the vendor takes nothing is given up", async (t) => {
    const vendor = await vendorThatWrites(t, (raw) => void raw.pause());
    const clock = turnedClock();
    const { open } = openListener(t, { vendor, clock, limits: { streamSilenceMs: 30_000 } });
    const stream = await open();
    const sending = refusal(stream.send([".".repeat(50_000_000)]));
    clock.turn(60_000);
    assert.equal((await sending).code, "stream-silent");
  });

  test("holds what it sends until the vendor takes it, and no more than there may be", async (t) => {
    const MiB = 1024 * 1024;
    const vendor = await startStreamVendor(t);
    const { open, reached, hold } = openListener(t, {
      vendor,
      limits: { maxBufferedBytesPerPluginTenant: 48 * MiB },
    });
    const [one, other] = [await open(), await open()];
    await until(() => vendor.sockets.length === 2);
    for (const socket of vendor.sockets) socket.pause();
    // More than the system takes by itself.
    const text = "x".repeat(32 * MiB);
    const underWay = one.send([text]);
    assert.equal((await refusal(other.send([text]))).code, "fetch-tenant-busy");
    assert.deepEqual(reached, ["maxBufferedBytesPerPluginTenant"]);
    assert.equal((await refusal(other.next())).code, "fetch-tenant-busy", "it cannot be left out");
    vendor.sockets[0]?.resume();
    await underWay;
    const third = await open();
    await third.send([text]);
    // Nothing takes no room, also where there is less than none.
    const others = hold();
    others.keep(49 * MiB);
    await third.send([]);
    others.release();
    await third.send(["."]);
  });

  test("is one of so many of a tenant, a plugin and the host", async (t) => {
    const vendor = await startStreamVendor(t);
    const limits = {
      maxStreams: 4,
      maxStreamsPerTenant: 3,
      maxStreamsPerPlugin: 3,
      maxStreamsPerPluginTenant: 2,
    };
    const { open, reached } = openListener(t, { vendor, limits });
    const streams = [await open(), await open({}, { id: "con_2" })];
    assert.equal((await refusal(open({}, { id: "con_3" }))).code, "fetch-tenant-busy");
    streams.push(await open({}, { tenantId: "tnt_2" }));
    assert.equal((await refusal(open({}, { tenantId: "tnt_3" }))).code, "fetch-plugin-busy");
    streams.push(await open({}, { pluginId: "acme/other" }));
    const third = { pluginId: "acme/third" };
    assert.match((await refusal(open({}, third))).message, /^3 streams of this tenant are open/);
    assert.equal((await refusal(open({}, { ...third, tenantId: "tnt_3" }))).code, "fetch-host-busy");
    assert.deepEqual(reached, [
      "maxStreamsPerPluginTenant",
      "maxStreamsPerPlugin",
      "maxStreamsPerTenant",
      "maxStreams",
    ]);
    for (const stream of streams) stream.close();
    streams.push(await open(), await open());
    assert.equal((await refusal(open())).code, "fetch-tenant-busy");
  });

  test("knows whether its credential is the connection's still", async (t) => {
    const vendor = await startStreamVendor(t);
    let current = key;
    const credential = async () => ({ type: "apiKey", key: current }) as const;
    const stream = await openListener(t, { vendor, connection: { credential } }).open();
    assert.equal(await stream.hasCurrentCredential(), true);
    current = "another-0123456789";
    assert.equal(await stream.hasCurrentCredential(), false);
    const without = await openListener(t, { vendor, connection: { auth: undefined } }).open();
    assert.equal(
      await without.hasCurrentCredential(),
      false,
      "nobody can tell whose ticket it was opened with",
    );
  });

  test("that the vendor closed because of its token is worth one fresh one", async (t) => {
    const vendor = await startStreamVendor(t);
    vendor.greet = (socket) => socket.close(4401);
    const asked: unknown[] = [];
    const connection: Partial<EgressConnection> = {
      auth: { type: "oauth2", grant: "client_credentials", tokenUrl: `https://${host}/token` },
      async credential(options = {}) {
        asked.push(options);
        return {
          type: "oauth2",
          accessToken: options.staleAccessToken ? "fresh-0123456789" : "stale-0123456789",
        };
      },
    };
    const stream = await openListener(t, { vendor, connection }).open();
    await drain(stream);
    assert.deepEqual([await stream.renewCredential(), await stream.renewCredential()], [true, false]);
    assert.deepEqual(asked, [{}, { staleAccessToken: "stale-0123456789" }]);
  });

  test("ends with its signal, and with the host", async (t) => {
    const vendor = await startStreamVendor(t);
    const { open, close } = openListener(t, { vendor });
    const controller = new AbortController();
    const stream = await open({}, {}, controller.signal);
    controller.abort();
    assert.equal((await drain(stream)).error.code, "fetch-aborted");
    const other = await open();
    await close();
    assert.equal((await drain(other)).error.code, "fetch-aborted");
    await until(() => vendor.open() === 0);
  });
});
