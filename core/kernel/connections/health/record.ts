import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { Changes } from "../../changes/index.ts";
import type { Notices } from "../notices.ts";
import * as connectionQueries from "../queries.ts";
import * as queries from "./queries.ts";
import { statusAfterCheck } from "./status.ts";
import type { TrialResult } from "./trial.ts";

/** Writes down how checks went, and what follows from it. */
export interface CheckRecords {
  /**
   * Of a connection that was deleted, or has got another credential than the one that was tried, nothing follows; the
   * latter is looked at again soon.
   * @param how `isQuiet`: a success says nothing new of a connection that nothing is said against
   */
  record(id: string, result: TrialResult, how?: { isQuiet: boolean }): Promise<void>;
}

const keptChecks = 50;
const minute = 60_000;
/** Between two checks of one that works. */
export const intervalMs = 15 * minute;
/** Until what was made or changed is looked at. */
export const soonMs = 5_000;

/** Where a person agreed, the owner was told when they came back. */
function isFirstUse({ status, status_reason, auth_type }: connectionQueries.ConnectionRow): boolean {
  return status === "testing" && status_reason === null && auth_type !== "oauth2/authorization_code";
}

export function createCheckRecords(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  notices: Notices;
  now: () => number;
  /** Not all at the same moment, which vendors and we would notice. */
  inAbout: (ms: number) => number;
}): CheckRecords {
  const { db, changes, notices, now, inAbout } = options;
  return {
    async record(id, { version, outcome, httpStatus, durationMs }, { isQuiet } = { isQuiet: false }) {
      await changes.transaction(db, async (tx, announce) => {
        // In the order of whoever changes or deletes the connection, or each would wait for the other.
        const row = await connectionQueries.holdConnection(tx, id);
        const health = await queries.holdHealth(tx, id);
        if (!health || !row) return;
        await announce("connection-health", id);
        if (row.credential_version !== version) {
          return queries.updateHealth(tx, id, { nextInMs: inAbout(soonMs) });
        }
        const failures = outcome === "ok" ? 0 : health.failures + 1;
        const next = statusAfterCheck(row, outcome, failures);
        if (isQuiet && !next && failures === 0 && health.failures === 0) {
          return queries.updateHealth(tx, id, { nextInMs: inAbout(intervalMs) });
        }
        const check = {
          outcome,
          http_status: httpStatus,
          duration_ms: durationMs,
          checked_at: new Date(now()),
        };
        await queries.insertCheck(tx, { connection_id: id, tenant_id: row.tenant_id, ...check }, keptChecks);
        const waitMs = failures === 0 ? intervalMs : Math.min(intervalMs, minute * 2 ** (failures - 1));
        const state = outcome === "ok" ? "healthy" : "failing";
        await queries.updateHealth(tx, id, { state, failures, nextInMs: inAbout(waitMs) });
        if (!next) return;
        const changed = await connectionQueries.updateConnection(tx, row.tenant_id, id, next);
        if (!changed) return;
        await announce("connection", id);
        if (next.status_reason !== null) await notices.failed(changed, next.status_reason, tx);
        else if (row.status === "error") await notices.recovered(changed, tx);
        else if (isFirstUse(row)) await notices.connected(changed, tx);
      });
    },
  };
}
