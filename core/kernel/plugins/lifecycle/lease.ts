import { randomUUID } from "node:crypto";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type { CoreDatabase, LeaseKind } from "../../../tables.ts";
import { isCode } from "../install.ts";
import * as queries from "./queries.ts";

/**
 * The right to change what a tenant has of a plugin. Registry and host each record a change, and no transaction spans
 * the two: one change at a time keeps them together. The row outlives a killed host for `leaseMs`; whoever finds it
 * then knows that the two may have parted.
 */
export interface ChangeLease {
  /**
   * Holds the lease for another `leaseMs`; to be awaited right before whatever is asked of the registry. A host that was
   * away for longer learns here that somebody else changes the install by now, or has.
   * @throws `install-changing`
   */
  renew(): Promise<void>;
  /** Ends the lease as part of what `tx` does, so that what is recorded leaves no lease behind. @throws `install-changing` */
  end(tx: Kysely<CoreDatabase>): Promise<void>;
  /** Registry and host may say different things now: the lease is left behind, for whoever comes next to mend it. */
  leaveParted(): void;
}

export interface LeaseTarget {
  tenantId: string;
  plugin: string;
}

export interface ChangeLeases {
  /**
   * Runs `work` while nobody else, here or on another host, changes this. `mend` is called first when the last one to
   * hold the lease did not end it, and always for the kind `reconcile`. Where the registry refuses to be mended, an
   * uninstall goes on all the same: it takes away, on both sides, what they differ in.
   * @throws `install-changing` when somebody else does
   */
  hold<T>(target: LeaseTarget, kind: LeaseKind, work: (lease: ChangeLease) => Promise<T>): Promise<T>;
  /** Where registry and host may have parted: leases that were left behind, and those that this host lost. */
  listParted(): Promise<LeaseTarget[]>;
}

/** Answers of no registry, and of another holder of the lease. */
const cannotTell = ["registry-unavailable", "install-changing"];

/** Long enough for a busy host to renew it, short enough to wait for after a crash. */
export const leaseMs = 15_000;

export function createChangeLeases(options: {
  db: Kysely<CoreDatabase>;
  logger: Logger;
  /** Brings registry and host together, after a holder of that kind was cut off. */
  mend(target: LeaseTarget, kind: LeaseKind, lease: ChangeLease): Promise<void>;
}): ChangeLeases {
  const { db, logger, mend } = options;
  /** A request to the registry may have been on its way when the lease was lost, and come after the next holder's. */
  const lostOnes = new Map<string, LeaseTarget>();

  return {
    async hold(target, kind, work) {
      const token = randomUUID();
      const taken = await queries.takeLease(db, { ...target, token, kind, forMs: leaseMs });
      if (!taken) throw changing(target.plugin);
      const place = `${target.tenantId} ${target.plugin}`;
      let isParted = false;
      let isRefused = false;
      let isEnding = false;
      const lost = () => {
        lostOnes.set(place, target);
        return changing(target.plugin);
      };
      const lease: ChangeLease = {
        async renew() {
          if (!(await queries.renewLease(db, { ...target, token, forMs: leaseMs }))) throw lost();
        },
        async end(tx) {
          isEnding = true;
          if (!(await queries.deleteLease(tx, { ...target, token }))) throw lost();
        },
        leaveParted() {
          isParted = true;
        },
      };
      const renewal = setInterval(() => {
        // The one that has ended its lease itself has lost nothing.
        if (isEnding)
          return void queries.renewLease(db, { ...target, token, forMs: leaseMs }).catch(() => {});
        lease.renew().catch((err) => {
          if (!isEnding) logger.warn({ ...target, err }, "a change of an install could not renew its lease");
        });
      }, leaseMs / 3).unref();
      const parted = taken.leftBehind ?? (kind === "reconcile" ? kind : undefined);
      try {
        if (parted) {
          isParted = true;
          await mend(target, parted, lease).catch((error) => {
            if (kind !== "uninstall" || cannotTell.some((code) => isCode(error, code))) throw error;
            isRefused = true;
            logger.warn({ ...target, err: error }, "uninstalling what could not be mended");
          });
          isParted = isRefused;
          if (!isRefused) lostOnes.delete(place);
        }
        const outcome = await work(lease);
        if (isRefused) {
          isParted = false;
          lostOnes.delete(place);
        }
        return outcome;
      } finally {
        clearInterval(renewal);
        try {
          if (isParted) await queries.expireLease(db, { ...target, token });
          else await queries.deleteLease(db, { ...target, token });
        } catch (err) {
          // It ends by itself, and is then looked into.
          logger.warn({ ...target, err }, "the lease of a change could not be given back");
        }
      }
    },

    async listParted() {
      const rows = await queries.listExpiredLeases(db);
      return [
        ...lostOnes.values(),
        ...rows.map(({ tenant_id, plugin }) => ({ tenantId: tenant_id, plugin })),
      ];
    },
  };
}

function changing(plugin: string) {
  return coreError(
    "install-changing",
    `Another change of this tenant's ${plugin} is under way. Repeat the request when it has ended.`,
    { retryable: true },
    { headers: { "Retry-After": "1" } },
  );
}
