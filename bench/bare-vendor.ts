/** A vendor as small as one can be, in a process of its own: in clear, and over TLS with HTTP/1.1 and HTTP/2. Prints its addresses. */
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer, type RequestListener } from "node:http";
import { createSecureServer, type ServerHttp2Stream } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo, Server } from "node:net";

const body = JSON.stringify({ id: "cus_1", name: "A customer", email: "a@example.com", metadata: { a: 1 } });
const headers = { "content-type": "application/json", "content-length": body.length };
const pem = (name: string) =>
  readFileSync(new URL(`../core/test/capabilities/tls/${name}.pem`, import.meta.url));
const tls = { key: pem("key"), cert: pem("vendor") };

const answer: RequestListener = (request, response) => {
  request.resume();
  const isKept = request.url === "/kept";
  response.writeHead(200, isKept ? { ...headers, "cache-control": "max-age=3600" } : headers).end(body);
};
const overHttp2 = createSecureServer(tls);
overHttp2.on("stream", (stream: ServerHttp2Stream) => {
  stream.respond({ ":status": 200, ...headers });
  stream.end(body);
});

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

const [clear, http1, http2] = await Promise.all(
  [createServer(answer), createTlsServer(tls, answer), overHttp2].map(listen),
);
console.log(`bare vendor with ${http1} and ${http2} over TLS, at http://127.0.0.1:${clear}`);
