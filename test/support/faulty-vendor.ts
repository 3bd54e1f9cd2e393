import { once } from "node:events";
import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

/** A vendor in front of another, which fails as it is told before it lets a request through. */
export interface FaultyVendor {
  url: string;
  /** Statuses that the next requests get, one each. */
  failures: number[];
  /** What it answered so far, with the idempotency key that was sent. */
  answered: { status: number; idempotencyKey: string | undefined }[];
}

export async function startFaultyVendor(t: TestContext, target: string): Promise<FaultyVendor> {
  const vendor: FaultyVendor = { url: "", failures: [], answered: [] };
  const server = createServer((incoming, outgoing) => {
    const status = vendor.failures.shift();
    const key = incoming.headers["idempotency-key"];
    outgoing.once("finish", () =>
      vendor.answered.push({
        status: outgoing.statusCode,
        idempotencyKey: key === undefined ? key : String(key),
      }),
    );
    if (status === undefined) return forward(target, incoming, outgoing);
    incoming.resume();
    outgoing
      .writeHead(status, { "content-type": "application/json", "retry-after": "0" })
      .end(JSON.stringify({ error: { type: "api_error", message: "Come back." } }));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  vendor.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return vendor;
}

function forward(target: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { method, headers, url = "/" } = incoming;
  const request = httpRequest(target + url, { method, headers }, (reply) => {
    outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
    reply.pipe(outgoing);
  });
  request.once("error", () => outgoing.destroy());
  incoming.pipe(request);
}
