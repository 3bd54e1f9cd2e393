import { PlugboardError } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import semver from "semver";
import type { CoreDatabase } from "../../../tables.ts";
import type { Events } from "../../events/index.ts";
import { toInstall } from "../install.ts";
import type { Lifecycle } from "../lifecycle/index.ts";
import { findInstall, type InstallRow } from "../queries.ts";
import { tellOfFailure } from "./notices.ts";
import * as queries from "./queries.ts";

export interface UpgradeParts {
  db: Kysely<CoreDatabase>;
  events: Pick<Events, "append">;
  lifecycle: Pick<Lifecycle, "changeVersion">;
  logger: Logger;
  now: () => number;
}

/** What says that the version itself does not do here. Anything else may pass. */
const faultsOfVersion = [
  "lifecycle-hook-failed",
  "plugin-load-failed",
  "release-not-trusted",
  "release-quarantined",
  "upgrade-incompatible",
];

const firstBackOffMs = 5 * 60_000;
const longestBackOffMs = 24 * 60 * 60_000;

/** Brings an install to the version that comes by itself, as an upgrade that somebody asks for. Never throws. */
export async function upgrade(parts: UpgradeParts, id: string): Promise<void> {
  const { db, lifecycle, logger } = parts;
  try {
    const [row, planned] = await Promise.all([findInstall(db, id), queries.findAutomatic(db, id)]);
    if (!row || !planned?.automatic) return;
    const { automatic } = planned;
    try {
      const { consent, version } = row;
      await lifecycle.changeVersion(toInstall(row), { range: automatic, consent, unaskedFrom: version });
      logger.info({ installId: id, from: version, to: automatic }, "an install was upgraded by itself");
    } catch (error) {
      await recordFailure(parts, row, { ...planned, automatic }, error);
    }
  } catch (err) {
    logger.error({ installId: id, err }, "an install could not be looked at to upgrade it");
  }
}

async function recordFailure(
  { db, events, logger, now }: UpgradeParts,
  row: InstallRow,
  { automatic, failures, above }: { automatic: string; failures: number; above: string | null },
  error: unknown,
): Promise<void> {
  const code = error instanceof PlugboardError ? error.code : "internal-error";
  const isFault = faultsOfVersion.includes(code);
  const retryAt = new Date(now() + backOffMs(failures));
  const higher = above !== null && semver.gt(above, automatic) ? above : automatic;
  const log = { installId: row.id, from: row.version, to: automatic, retryAt, err: error };
  logger[isFault ? "warn" : "info"](log, "an install could not be upgraded by itself; the old version stays");
  await db.transaction().execute(async (tx) => {
    const failed = { retryAt, above: isFault ? higher : undefined };
    const isOurs = await queries.putFailure(tx, row.id, automatic, failed);
    if (isOurs && isFault) await tellOfFailure(events, tx, row, { to: automatic, code });
  });
}

/** Twice as long after each failure; varied, so that those that failed together do not come back together. */
function backOffMs(failures: number): number {
  return Math.min(firstBackOffMs * 2 ** failures, longestBackOffMs) * (0.75 + Math.random() / 2);
}
