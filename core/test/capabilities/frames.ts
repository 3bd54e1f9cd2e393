import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";
import { createServer, type TLSSocket } from "node:tls";
import { pem } from "./certificates.ts";

/** RFC 9113, section 6. */
export const types = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  push: 5,
  ping: 6,
  goaway: 7,
  continuation: 9,
};
export const flags = { endStream: 1, ack: 1, endHeaders: 4 };

export function frame(type: number, flag: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flag;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

export function uint32(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [i, value] of values.entries()) bytes.writeUInt32BE(value, 4 * i);
  return bytes;
}

/** A header as HPACK writes one that is in no table (RFC 7541, section 6.2.2). */
export function header(name: string, value: string): Buffer {
  const text = (of: string) => Buffer.concat([length(of.length), Buffer.from(of)]);
  return Buffer.concat([Buffer.from([0]), text(name), text(value)]);
}

function length(of: number): Buffer {
  if (of < 127) return Buffer.from([of]);
  const bytes = [127];
  let left = of - 127;
  for (; left >= 128; left >>= 7) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}

/** Of a reply with these headers; `:status` is 200 unless it is among them. */
export function head(stream: number, headers: [string, string][] = [], flag = flags.endHeaders): Buffer {
  const all: [string, string][] = headers.some(([name]) => name === ":status")
    ? headers
    : [[":status", "200"], ...headers];
  return frame(types.headers, flag, stream, Buffer.concat(all.map(([name, value]) => header(name, value))));
}

export function body(stream: number, text: string, flag = 0): Buffer {
  return frame(types.data, flag, stream, Buffer.from(text));
}

/**
 * A vendor that speaks HTTP/2 as badly as a test wants: `answer` writes frames for the request of this number. It reads
 * bodies, and opens no window for more of them; and it never closes a socket by itself.
 */
export async function startFramesVendor(
  t: TestContext,
  answer: (socket: TLSSocket, stream: number, request: number) => void,
  greeting = frame(types.settings, 0, 0),
): Promise<{
  port: number;
  requests: () => number;
  sockets: () => number;
  /** Hears of each stream that is reset. */
  onReset: (stream: number) => void;
}> {
  let requests = 0;
  let sockets = 0;
  const tls = {
    key: pem("key"),
    cert: pem("vendor"),
    ALPNProtocols: ["h2"],
    allowHalfOpen: true,
  };
  const server = createServer(tls, (socket) => {
    sockets++;
    t.after(() => socket.destroy());
    let unread: Buffer = Buffer.alloc(0);
    let isPrefaceRead = false;
    socket.on("error", () => {});
    socket.write(greeting);
    socket.on("data", (piece: Buffer) => {
      unread = Buffer.concat([unread, piece]);
      if (!isPrefaceRead && unread.length >= 24) {
        unread = unread.subarray(24);
        isPrefaceRead = true;
      }
      while (isPrefaceRead && unread.length >= 9) {
        const size = unread.readUIntBE(0, 3);
        if (unread.length < 9 + size) return;
        const [, , , type, flag = 0] = unread;
        const stream = unread.readUInt32BE(5);
        unread = unread.subarray(9 + size);
        if (type === types.settings && (flag & flags.ack) === 0)
          socket.write(frame(types.settings, flags.ack, 0));
        if (type === types.reset) vendor.onReset(stream);
        if (type === types.headers) answer(socket, stream, ++requests);
      }
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const vendor = {
    port: (server.address() as AddressInfo).port,
    requests: () => requests,
    sockets: () => sockets,
    onReset: (_stream: number) => {},
  };
  return vendor;
}
