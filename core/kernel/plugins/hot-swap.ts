import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { Changes } from "../changes/index.ts";
import type { ActivePlugins } from "./active-plugins.ts";
import * as queries from "./queries.ts";

/**
 * Follows what installs run, on whatever host they were changed: calls in a version that an install has left get a
 * deadline, and the sandbox of a release that no install runs any more is given up. New calls need nothing: they read
 * the install, which says the new version from the commit on.
 */
export function followInstalls(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  activePlugins: ActivePlugins;
  logger: Logger;
}): void {
  const { db, changes, activePlugins, logger } = options;

  async function follow(id: string): Promise<void> {
    const install = await queries.findInstall(db, id);
    if (install) {
      const { tenant_id, plugin, tarball_sha512 } = install;
      activePlugins.drain({ tenantId: tenant_id, plugin, current: tarball_sha512 });
    }
    const held = activePlugins.unclaimed();
    const used = new Set(await queries.listReleasesInUse(db, held));
    // Claimed meanwhile: an install that is being made will run it, and reaches it through what `retire` would drop.
    const unclaimed = new Set(activePlugins.unclaimed());
    const unused = held.filter((digest) => !used.has(digest) && unclaimed.has(digest));
    await Promise.all(unused.map((digest) => activePlugins.retire(digest)));
  }

  changes.onChange("install", (id) => {
    follow(id).catch((err) => {
      logger.error({ installId: id, err }, "a version that was left could not be given up");
    });
  });

  // Put into quarantine or taken out of it: what crashed is gone, and with it the pauses that it had earned.
  changes.onChange("quarantine", (digest) => {
    activePlugins.renew(digest).catch((err) => {
      logger.error({ tarballSha512: digest, err }, "a plugin could not be restarted");
    });
  });
}
