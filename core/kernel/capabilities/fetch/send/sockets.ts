import { createPool, type Pool, type PoolOptions } from "./pool.ts";

const idlePoolMs = 4_000;

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

export function createSockets(options: PoolOptions): Sockets {
  const pools = new Map<string, { pool: Pool; users: number; expiry: NodeJS.Timeout | undefined }>();

  return {
    enter(connectionId) {
      const owned = pools.get(connectionId) ?? { pool: createPool(options), users: 0, expiry: undefined };
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
