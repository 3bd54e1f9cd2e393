import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A stand-in for the third party's vendor. It remembers who called, and echoes what it was sent, credential and all. */
export interface Ledger {
  url: string;
  /** The `Authorization` header of every request, in order. */
  authorizations: string[];
  close(): Promise<void>;
}

export async function startLedger(): Promise<Ledger> {
  const authorizations: string[] = [];
  let entries = 0;
  const server = createServer(async (request, response) => {
    const authorization = request.headers.authorization ?? "";
    authorizations.push(authorization);
    response.setHeader("content-type", "application/json");
    if (request.url === "/echo") {
      response.setHeader("x-echo", authorization);
      const key = authorization.replace("Bearer ", "");
      const forms = {
        raw: key,
        base64: Buffer.from(key).toString("base64"),
        encoded: encodeURIComponent(key),
      };
      response.end(JSON.stringify({ headers: request.headers, ...forms }));
      return;
    }
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString("utf8")) as object;
    entries += 1;
    response.end(JSON.stringify({ ...body, id: `entry_${entries}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    authorizations,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
