import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TestContext } from "node:test";
import { type WebSocket, WebSocketServer } from "ws";

/** A real WebSocket server in a vendor's place. */
export interface StreamVendor {
  url: string;
  /** The handshakes that have arrived, in order. */
  handshakes: { url: string; headers: IncomingMessage["headers"] }[];
  /** All sockets that were opened, in order. */
  sockets: WebSocket[];
  /** What has been said over any of them, in order. */
  heard: string[];
  /** How many are open. */
  open(): number;
  /** Runs for each socket as it is opened. */
  greet: (socket: WebSocket, request: IncomingMessage) => void;
  /** Answers handshakes instead, by hand; false: as usual. */
  intercept: (request: IncomingMessage, socket: Duplex) => boolean;
  /** Answers requests that are none. */
  answer: (request: IncomingMessage) => Answer | Promise<Answer>;
}

interface Answer {
  status?: number;
  body: object;
}

export async function startStreamVendor(
  t: Pick<TestContext, "after">,
  options: { perMessageDeflate?: boolean } = {},
): Promise<StreamVendor> {
  const sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: options.perMessageDeflate ?? false,
    autoPong: true,
  });
  const vendor: StreamVendor = {
    url: "",
    handshakes: [],
    sockets: [],
    heard: [],
    open: () => vendor.sockets.filter(({ readyState, OPEN }) => readyState === OPEN).length,
    greet: () => {},
    intercept: () => false,
    answer: () => ({ body: {} }),
  };
  const server = createServer(async (request, response) => {
    const { status = 200, body } = await vendor.answer(request);
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  server.on("upgrade", (request, raw, head) => {
    raw.on("error", () => {});
    vendor.handshakes.push({ url: request.url ?? "", headers: request.headers });
    if (vendor.intercept(request, raw)) return;
    sockets.handleUpgrade(request, raw, head, (socket) => {
      vendor.sockets.push(socket);
      socket.on("error", () => {});
      socket.on("message", (data) => vendor.heard.push(data.toString()));
      vendor.greet(socket, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of vendor.sockets) socket.terminate();
    server.close();
    server.closeAllConnections();
  });
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return vendor;
}

/** Says yes to a handshake and leaves the rest to the test, which then writes frames as no library would. */
export function acceptByHand(request: IncomingMessage, raw: Duplex, headers: string[] = []): void {
  const key = `${request.headers["sec-websocket-key"]}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
  const accept = createHash("sha1").update(key).digest("base64");
  const lines = ["HTTP/1.1 101 Switching Protocols", "Upgrade: websocket", "Connection: Upgrade"];
  raw.write([...lines, `Sec-WebSocket-Accept: ${accept}`, ...headers, "", ""].join("\r\n"));
}

/** A frame of a server: `first` has FIN, RSV and the opcode. `says`: the length that it claims, if that is another one. */
export function frame(first: number, payload: Buffer, says = payload.length): Buffer {
  const length =
    says < 126
      ? Buffer.from([says])
      : says < 65_536
        ? Buffer.from([126, says >> 8, says & 255])
        : Buffer.from([127, 0, 0, 0, 0, ...new Uint8Array(new Uint32Array([says]).buffer).reverse()]);
  return Buffer.concat([Buffer.from([first]), length, payload]);
}
