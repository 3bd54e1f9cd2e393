/** A vendor as small as one can be, in a process of its own. Prints its address. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const body = JSON.stringify({ id: "cus_1", name: "A customer", email: "a@example.com", metadata: { a: 1 } });
const headers = { "content-type": "application/json", "content-length": body.length };
const server = createServer((request, response) => {
  request.resume();
  const isKept = request.url === "/kept";
  response.writeHead(200, isKept ? { ...headers, "cache-control": "max-age=3600" } : headers).end(body);
});
server.listen(0, "127.0.0.1", () => {
  console.log(`bare vendor at http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
