import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type Koa from "koa";
import type { Logger } from "../observe/index.ts";
import { createUnderWay } from "../under-way/index.ts";
import { defaultPatience, endSlowReaders, type ReaderPatience } from "./slow-readers.ts";

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
 * @param o.patience with clients that are slow to take their answers
 * @throws with the system's `code` and one line for the operator, if the port is taken or not allowed, or the address
 *   is not one of this machine
 */
export async function listen(
  app: Koa,
  o: { port: number; host: string; logger: Logger; patience?: ReaderPatience },
): Promise<Listener> {
  const server = createServer({ keepAliveTimeout: keepAliveTimeoutMs, headersTimeout: headersTimeoutMs });
  const inFlight = createUnderWay<ServerResponse>();
  endSlowReaders(server, inFlight, o.patience ?? defaultPatience);
  const handle = app.callback();
  server.on("request", (request, response) => {
    response.once("close", inFlight.enter(response));
    if (!server.listening) response.setHeader("Connection", "close");
    void handle(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(whyNotListening(error, o)));
    server.listen(o.port, o.host, () => {
      server.removeAllListeners("error");
      resolve();
    });
  });
  server.on("error", (error) => o.logger.error({ err: error }, "the HTTP server failed"));
  return { address: addressOf(server), server, close: (graceMs) => close(server, inFlight, graceMs) };
}

const mendedBy: Record<string, (o: { port: number; host: string }) => string> = {
  EADDRINUSE: ({ port, host }) =>
    `Port ${port} on ${host} is taken by another program. Stop that one, or set PORT to another port (0 takes a free one).`,
  EACCES: ({ port }) => `This user may not listen on port ${port}. Set PORT to one of 1024 or above.`,
  EADDRNOTAVAIL: ({ host }) =>
    `${host} is not an address of this machine. Set HOST to one that is, such as 127.0.0.1, or 0.0.0.0 for all.`,
  ENOTFOUND: ({ host }) => `The name ${host} leads to no address. Set HOST to an address of this machine.`,
};

function whyNotListening(error: Error, o: { port: number; host: string }): Error {
  const code = "code" in error ? String(error.code) : "";
  const message = mendedBy[code]?.(o);
  return message ? Object.assign(new Error(message, { cause: error }), { code }) : error;
}

async function close(server: Server, inFlight: Iterable<ServerResponse>, graceMs: number): Promise<void> {
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
