import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import { hostNotFound } from "./host-access.ts";
import * as queries from "./queries.ts";

export interface TenantHost {
  tenantId: string;
  host: string;
  since: string;
  /** What the operator changed, newest first. */
  moves: { from: string | null; to: string; reason: string; at: string }[];
}

/** Which host speaks for which tenant: the first that changed something in its name, until the operator moves it. */
export interface Tenants {
  /** The tenant is this host's from now on, unless it is another's. @throws `tenant-of-another-host` */
  claim(tenantId: string, host: string): Promise<void>;
  /** As good for one that nobody has claimed: there is nothing of it to read. @throws `tenant-of-another-host` */
  requireReadable(tenantId: string, host: string): Promise<void>;
  /** @throws `tenant-not-found` where no host has spoken for it */
  get(tenantId: string): Promise<TenantHost>;
  /**
   * Gives a tenant to another host, which from then on also reports what its installs use. One that nobody has claimed yet can
   * be given away beforehand.
   *
   * @throws `host-not-found`
   */
  move(tenantId: string, to: { host: string; reason: string }): Promise<TenantHost>;
}

const movesShown = 100;

export function createTenants({ db, now }: { db: RegistryDatabase; now: () => Date }): Tenants {
  async function get(tenantId: string): Promise<TenantHost> {
    const found = await queries.findTenantHost(db, tenantId);
    if (!found) throw registryError("tenant-not-found", `No host has spoken for a tenant "${tenantId}".`);
    const moves = await queries.listMoves(db, tenantId, movesShown);
    return {
      tenantId,
      host: found.host,
      since: found.since.toISOString(),
      moves: moves.map(({ at, ...move }) => ({ ...move, at: at.toISOString() })),
    };
  }

  /** @returns the host before; null if there was none */
  async function give(transaction: RegistryDatabase, tenantId: string, host: string): Promise<string | null> {
    const before = await queries.lockTenantHost(transaction, tenantId);
    if (before) {
      await queries.setTenantHost(transaction, tenantId, host, now());
      return before.host;
    }
    if (await queries.claimTenant(transaction, tenantId, host, now())) return null;
    // A host was faster, just now.
    return give(transaction, tenantId, host);
  }

  return {
    get,

    async claim(tenantId, host) {
      const found = await queries.findTenantHost(db, tenantId);
      if (found?.host === host) return;
      if (found || !(await queries.claimTenant(db, tenantId, host, now()))) {
        await this.requireReadable(tenantId, host);
      }
    },

    async requireReadable(tenantId, host) {
      const found = await queries.findTenantHost(db, tenantId);
      if (!found || found.host === host) return;
      throw registryError(
        "tenant-of-another-host",
        `Another host speaks for the tenant "${tenantId}". If it was moved to this one, the registry's operator has to move it there too.`,
      );
    },

    async move(tenantId, { host, reason }) {
      if (!(await queries.findHost(db, host))) throw hostNotFound(host);
      await db.transaction().execute(async (transaction) => {
        const before = await give(transaction, tenantId, host);
        if (before === host) return;
        await queries.releaseInstalls(transaction, tenantId);
        const move = { tenant_id: tenantId, from_host: before, to_host: host, reason, at: now() };
        await queries.appendMove(transaction, move);
      });
      return get(tenantId);
    },
  };
}
