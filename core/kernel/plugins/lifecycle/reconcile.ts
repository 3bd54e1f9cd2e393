import type { Logger } from "@plugboard/service-kit/observe";
import type { LeaseKind } from "../../../tables.ts";
import { isCode, toInstall } from "../install.ts";
import * as queries from "../queries.ts";
import { asCoreError } from "../registry-problems.ts";
import type { LifecycleParts } from "./context.ts";
import { type ChangeLease, type ChangeLeases, type LeaseTarget, leaseMs } from "./lease.ts";
import { removeInstall } from "./uninstall.ts";

type Parts = Pick<LifecycleParts, "db" | "changes" | "events" | "registry">;

/**
 * Brings registry and host together again after a change was cut off between the two. What this host has recorded
 * counts, since only that was ever acknowledged; an uninstall that the registry knows of is finished.
 *
 * @throws `registry-unavailable`, `registry-refused`: then they are still apart
 */
export async function mend(
  parts: Parts & { logger: Logger },
  { tenantId, plugin }: LeaseTarget,
  kind: LeaseKind,
  lease: Pick<ChangeLease, "renew">,
): Promise<void> {
  const { db, registry, logger } = parts;
  try {
    const here = await queries.findInstallOfPlugin(db, tenantId, plugin);
    const there = (await registry.listInstalls(tenantId)).find((install) => install.plugin === plugin);
    await lease.renew();
    if (there && there.id !== here?.id) await registry.removeInstall(tenantId, there.id);
    if (!here) return;
    if (there?.id === here.id) {
      if (there.version === here.version) return;
      const { version, consent } = here;
      const ifVersion = there.version;
      await registry.updateInstall(tenantId, here.id, { version, consent, ifVersion, setsBack: true });
      logger.warn({ tenantId, plugin, version }, "set the registry back to the version that runs here");
      return;
    }
    const connections = await queries.listConnectionIds(db, tenantId, here.id);
    if (kind === "uninstall" && connections.length === 0) {
      await removeInstall(parts, toInstall(here));
      logger.warn({ tenantId, plugin }, "finished an uninstall that was cut off");
      return;
    }
    logger.error(
      { tenantId, plugin, installId: here.id },
      "the registry does not know an install that runs here",
    );
  } catch (error) {
    throw asCoreError(error, plugin);
  }
}

/** Looks for changes that were cut off, now and again, until it is stopped. */
export function watchLeftBehind(options: { leases: ChangeLeases; logger: Logger }): {
  stop(): Promise<void>;
} {
  const { leases, logger } = options;
  let isStopped = false;

  async function look(): Promise<void> {
    for (const target of await leases.listParted()) {
      if (isStopped) return;
      await leases
        .hold(target, "reconcile", async () => {})
        .catch((error) => {
          // Somebody else is at it; or the registry is away, and it is tried again.
          if (isCode(error, "install-changing") || isCode(error, "registry-unavailable")) return;
          logger.error({ ...target, err: error }, "registry and host could not be brought together");
        });
    }
  }

  let looking = Promise.resolve();
  const lookAgain = () => {
    looking = looking.then(look).catch((err) => {
      logger.warn({ err }, "could not look for changes of installs that were cut off");
    });
  };
  lookAgain();
  const timer = setInterval(lookAgain, leaseMs).unref();
  return {
    async stop() {
      isStopped = true;
      clearInterval(timer);
      await looking;
    },
  };
}
