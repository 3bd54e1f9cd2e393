import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { Changes } from "../../changes/index.ts";
import type { Notices } from "../notices.ts";
import type { ConnectionRow } from "../queries.ts";
import { toldDays } from "./expiry.ts";
import * as queries from "./queries.ts";
import { type CheckRecords, intervalMs } from "./record.ts";
import type { Trials } from "./trial.ts";

/** Looks at one connection that is due. Never throws: a failing look at one is no reason not to look at others. */
export type Look = (row: ConnectionRow, signal: AbortSignal) => Promise<void>;

export function createLook(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  trials: Trials;
  records: CheckRecords;
  notices: Notices;
  logger: Logger;
  now: () => number;
  inAbout: (ms: number) => number;
}): Look {
  const { db, changes, trials, records, notices, logger, now, inAbout } = options;

  async function tellOfExpiry(row: ConnectionRow): Promise<void> {
    const expiresAt = row.credential_expires_at;
    const days = toldDays(expiresAt, now());
    if (!expiresAt || days === undefined) return;
    await changes.transaction(db, async (tx) => {
      const health = await queries.holdHealth(tx, row.id);
      const isTold =
        health?.told_expiry_at?.getTime() === expiresAt.getTime() && (health.told_expiry_days ?? 0) <= days;
      if (!health || isTold) return;
      await queries.updateHealth(tx, row.id, { told: { expiresAt, days } });
      await notices.expiring(row, expiresAt, tx);
    });
  }

  /** @returns whether it was tried, and what came of it written down */
  async function check(row: ConnectionRow, signal: AbortSignal): Promise<boolean> {
    const { id, status, credential_version: version } = row;
    const isTried = status === "active" || status === "testing" || status === "error";
    if (!isTried || row.status_reason === "reauthorization-needed") return false;
    const result = await trials.run(row, signal);
    if (result) {
      await records.record(id, result);
      return true;
    }
    // Nothing to try: tokens that end are renewed all the same, so that trouble shows before a call meets it.
    if (row.auth_type.startsWith("oauth2/")) {
      await records.record(id, await trials.open(row), { isQuiet: true });
      return true;
    }
    if (status !== "testing") return false;
    await records.record(id, { outcome: "ok", httpStatus: null, durationMs: 0, version });
    return true;
  }

  return async (row, signal) => {
    const { id, tenant_id: tenantId } = row;
    try {
      await tellOfExpiry(row);
      if (await check(row, signal)) return;
    } catch (err) {
      logger.warn({ tenantId, connectionId: id, err }, "a connection could not be looked at");
    }
    await changes
      .transaction(db, async (tx, announce) => {
        await announce("connection-health", id);
        await queries.updateHealth(tx, id, { nextInMs: inAbout(intervalMs) });
      })
      // It is due again when the time is over for which it was taken.
      .catch((err) => logger.warn({ tenantId, connectionId: id, err }, "a look could not be written down"));
  };
}
