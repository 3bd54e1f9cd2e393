import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";

/** Shorter than what servers use (5 s and more), so that a socket is seldom closed under a request. */
const idleSocketMs = 4_000;

export interface Agents {
  http: HttpAgent;
  https: HttpsAgent;
}

/**
 * Kept-alive sockets, with TLS sessions, of each connection by itself. Shared ones would let one tenant's use of a vendor
 * into another's: what the vendor says too much or too late would be read as the answer to somebody else's next request,
 * some schemes (NTLM, Negotiate) log in the socket and not the request, and whoever fills the sockets to a host would
 * make everybody else wait.
 */
export interface Sockets {
  /** Gives the agents of a connection; `leave` must be called when the request has ended. */
  enter(connectionId: string): { agents: Agents; leave(): void };
  close(): void;
}

interface Pool {
  agents: Agents;
  users: number;
  expiry: NodeJS.Timeout | undefined;
}

export function createSockets(): Sockets {
  const pools = new Map<string, Pool>();

  function leave(connectionId: string, pool: Pool): void {
    pool.users--;
    if (pool.users > 0) return;
    pool.expiry = setTimeout(() => {
      pools.delete(connectionId);
      destroy(pool);
    }, idleSocketMs).unref();
  }

  return {
    enter(connectionId) {
      const pool = pools.get(connectionId) ?? { agents: createAgents(), users: 0, expiry: undefined };
      pools.set(connectionId, pool);
      clearTimeout(pool.expiry);
      pool.users++;
      return { agents: pool.agents, leave: () => leave(connectionId, pool) };
    },
    close() {
      for (const pool of pools.values()) {
        clearTimeout(pool.expiry);
        destroy(pool);
      }
      pools.clear();
    },
  };
}

/** How many sockets there are is limited by the requests in flight; here nothing waits. */
function createAgents(): Agents {
  const options = { keepAlive: true, timeout: idleSocketMs, scheduling: "lifo" } as const;
  return { http: new HttpAgent(options), https: new HttpsAgent(options) };
}

function destroy({ agents }: Pool): void {
  agents.http.destroy();
  agents.https.destroy();
}
