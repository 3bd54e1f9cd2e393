import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { pinnedLookup } from "../resolve.ts";
import type { Route } from "../types.ts";

/** Where a socket is to lead. */
export interface Target {
  url: URL;
  route: Route;
  /** What may be spoken over it, as ALPN names it, the preferred first. The vendor chooses. */
  protocols: readonly ("h2" | "http/1.1")[];
  /** Of an earlier TLS connection of the same pool to the same host. */
  session: Buffer | undefined;
  onSession: (session: Buffer) => void;
}

/**
 * Opens a socket: to the operator's stand-in, or over TLS to one of the addresses that were checked for this very request,
 * under the name in its URL, and verified whatever the environment says.
 * @throws the system's error, or the signal's reason
 */
export async function dial(target: Target, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket =
    "standIn" in target.route ? dialStandIn(target.route.standIn) : dialVendor(target, target.route);
  const abort = () => socket.destroy();
  // Also what comes later: a socket without a listener for its errors would end the process.
  socket.on("error", reject);
  socket.once("close", () => reject(new Error("The socket was closed.")));
  socket.once("standIn" in target.route ? "connect" : "secureConnect", () => resolve());
  socket.setNoDelay(true);
  signal.addEventListener("abort", abort, { once: true });
  try {
    await promise;
    return socket;
  } catch (error) {
    socket.destroy();
    throw signal.aborted ? signal.reason : error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function dialStandIn({ hostname, port }: URL): Socket {
  return connectTcp({ host: withoutBrackets(hostname), port: Number(port || 80) });
}

function dialVendor(target: Target, { addresses }: { addresses: readonly string[] }): TLSSocket {
  const { url, protocols, session, onSession } = target;
  if (url.protocol !== "https:") throw new Error("Vendors are dialled over TLS alone.");
  const host = withoutBrackets(url.hostname);
  const socket = connectTls({
    host,
    port: Number(url.port || 443),
    // An address in the URL is what was checked itself, and no name (RFC 6066, section 3).
    ...(isIP(host) === 0 && { servername: host, lookup: pinnedLookup(host, addresses) }),
    ALPNProtocols: [...protocols],
    rejectUnauthorized: true,
    ...(session && { session }),
  });
  socket.on("session", onSession);
  return socket;
}

function withoutBrackets(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, "");
}
