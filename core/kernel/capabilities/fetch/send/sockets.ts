import type { OutgoingRequest } from "../types.ts";
import { dial } from "./dial.ts";
import { openHttp1 } from "./http1.ts";
import type { Link } from "./link.ts";

const idlePoolMs = 4_000;
/** TLS sessions that a connection keeps, one for each host. */
const mostSessions = 100;

/**
 * Kept-alive sockets, with TLS sessions, of each connection by itself. Shared ones would let one tenant's use of a vendor
 * into another's: what the vendor says too much or too late would be read as the answer to somebody else's next request,
 * some schemes (NTLM, Negotiate) log in the socket and not the request, and whoever fills the sockets to a host would
 * make everybody else wait.
 */
export interface Sockets {
  /** Gives the pool of a connection; `leave` must be called when the request has ended. */
  enter(connectionId: string): { pool: Pool; leave(): void };
  close(): void;
}

type To = Pick<OutgoingRequest, "url" | "route">;

export interface Pool {
  /** An open link to the same place that has room: the one used last, which is the least likely to be closed. */
  kept(to: To): Link | undefined;
  /** A new one, to addresses that were checked for this request. @throws what `dial` throws */
  open(to: To, signal: AbortSignal): Promise<Link>;
}

interface OwnedPool extends Pool {
  close(): void;
}

export function createSockets(): Sockets {
  const pools = new Map<string, { pool: OwnedPool; users: number; expiry: NodeJS.Timeout | undefined }>();

  return {
    enter(connectionId) {
      const owned = pools.get(connectionId) ?? { pool: createPool(), users: 0, expiry: undefined };
      pools.set(connectionId, owned);
      clearTimeout(owned.expiry);
      owned.users++;
      return {
        pool: owned.pool,
        leave() {
          owned.users--;
          if (owned.users > 0) return;
          owned.expiry = setTimeout(() => {
            pools.delete(connectionId);
            owned.pool.close();
          }, idlePoolMs).unref();
        },
      };
    },
    close() {
      for (const { pool, expiry } of pools.values()) {
        clearTimeout(expiry);
        pool.close();
      }
      pools.clear();
    },
  };
}

/** How many sockets there are is limited by the requests in flight; here nothing waits. */
function createPool(): OwnedPool {
  const linksTo = new Map<string, Link[]>();
  const sessions = new Map<string, Buffer>();

  function keepSession(place: string, session: Buffer): void {
    sessions.delete(place);
    sessions.set(place, session);
    const [oldest] = sessions.keys();
    if (sessions.size > mostSessions && oldest !== undefined) sessions.delete(oldest);
  }

  function add(place: string, link: Link): void {
    const links = linksTo.get(place);
    if (links) links.push(link);
    else linksTo.set(place, [link]);
  }

  function remove(place: string, link: Link): void {
    const links = linksTo.get(place)?.filter((other) => other !== link) ?? [];
    if (links.length > 0) linksTo.set(place, links);
    else linksTo.delete(place);
  }

  return {
    kept: (to) => linksTo.get(placeOf(to))?.findLast((link) => link.hasRoom()),
    async open(to, signal) {
      const place = placeOf(to);
      const socket = await dial(
        { ...to, session: sessions.get(place), onSession: (session) => keepSession(place, session) },
        signal,
      );
      const link = openHttp1(place, socket, () => remove(place, link));
      add(place, link);
      return link;
    },
    close() {
      for (const link of [...linksTo.values()].flat()) link.close();
    },
  };
}

/** A vendor's host and a stand-in for it are two places: what was opened to the one is never used for the other. */
function placeOf({ url, route }: To): string {
  return "standIn" in route ? route.standIn.origin : url.origin;
}
