import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type Koa from "koa";
import type { Logger } from "../observe/index.ts";

export interface Listener {
  /** `http://host:port` */
  address: string;
  server: Server;
  /** Accepts nothing new, lets what is in flight finish for up to `graceMs`, then cuts what is left. */
  close(graceMs: number): Promise<void>;
}

/** Longer than the idle timeout of common load balancers, so that they close first and no request is lost. */
const keepAliveTimeoutMs = 65_000;
const headersTimeoutMs = 20_000;

/**
 * Serves an app.
 *
 * @param o.port 0 takes a free one.
 * @throws if the port is taken or the address is not one of this machine.
 */
export async function listen(app: Koa, o: { port: number; host: string; logger: Logger }): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs, headersTimeout: headersTimeoutMs });
  const inFlight = new Set<ServerResponse>();
  const handle = app.callback();
  server.on("request", (request, response) => {
    inFlight.add(response);
    response.once("close", () => inFlight.delete(response));
    if (!server.listening) response.setHeader("Connection", "close");
    void handle(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(o.port, o.host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  server.on("error", (error) => o.logger.error({ err: error }, "the HTTP server failed"));
  return { address: addressOf(server), server, close: (graceMs) => close(server, inFlight, graceMs) };
}

async function close(server: Server, inFlight: Set<ServerResponse>, graceMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  for (const response of inFlight) {
    // A connection that stays open after its answer would hold the server up.
    if (!response.headersSent) response.setHeader("Connection", "close");
    else response.once("close", () => setImmediate(() => server.closeIdleConnections()));
  }
  const cut = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearTimeout(cut);
}

function addressOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
}
