import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type {
  CheckOutcome,
  ConnectionStatus,
  CoreDatabase,
  HealthState,
  StatusReason,
} from "../../../tables.ts";
import { type Announce, type CachedLookup, type Changes, createCachedLookup } from "../../changes/index.ts";
import type { ConnectionRow } from "../queries.ts";
import * as queries from "./queries.ts";
import { type CheckRecords, soonMs } from "./record.ts";
import type { TrialResult, Trials } from "./trial.ts";

/** How a connection is, as far as the host knows. */
export interface Health {
  status: ConnectionStatus;
  statusReason: StatusReason | null;
  /** Of the checks alone. */
  state: HealthState;
  /** Failed checks in a row. */
  failures: number;
  nextCheckAt: string | null;
  credentialExpiresAt: string | null;
  /** The latest first. */
  checks: { outcome: CheckOutcome; httpStatus: number | null; durationMs: number; checkedAt: string }[];
}

export interface ConnectionHealth {
  /** From memory when nothing changed. @throws `connection-not-found` */
  get(tenantId: string, id: string): Promise<Health>;
  /** Tries the credential now. @throws `connection-not-found`, `connection-not-testable`, `connection-has-no-credential` */
  test(tenantId: string, id: string, signal: AbortSignal): Promise<Omit<TrialResult, "version">>;
  /** Has it looked at soon: it was made, or changed. In the transaction that does so. */
  lookSoon(
    row: Pick<ConnectionRow, "id" | "tenant_id">,
    tx: Kysely<CoreDatabase>,
    announce: Announce,
    how?: { isAtOnce: boolean },
  ): Promise<void>;
}

const shownChecks = 20;

export function createConnectionHealth(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  rows: CachedLookup<ConnectionRow>;
  trials: Trials;
  records: CheckRecords;
  inAbout: (ms: number) => number;
}): ConnectionHealth {
  const { db, changes, rows, trials, records, inAbout } = options;
  const remembered = createCachedLookup({
    changes,
    topic: "connection-health",
    async load(id) {
      const health = await queries.findHealth(db, id);
      return health && { health, checks: await queries.listChecks(db, id, shownChecks) };
    },
  });

  async function own(tenantId: string, id: string): Promise<ConnectionRow> {
    const row = await rows.get(id);
    if (row?.tenant_id === tenantId) return row;
    throw coreError(
      "connection-not-found",
      `This tenant has no connection "${id}". GET /api/v1/connections lists them.`,
    );
  }

  return {
    async get(tenantId, id) {
      const row = await own(tenantId, id);
      const known = await remembered.get(id);
      return {
        status: row.status,
        statusReason: row.status_reason,
        state: known?.health.state ?? "unknown",
        failures: known?.health.failures ?? 0,
        nextCheckAt: known?.health.next_check_at.toISOString() ?? null,
        credentialExpiresAt: row.credential_expires_at?.toISOString() ?? null,
        checks: (known?.checks ?? []).map((check) => ({
          outcome: check.outcome,
          httpStatus: check.http_status,
          durationMs: check.duration_ms,
          checkedAt: check.checked_at.toISOString(),
        })),
      };
    },

    async test(tenantId, id, signal) {
      const row = await own(tenantId, id);
      if (row.sealed_credential === null || row.status === "configuring") {
        throw coreError(
          "connection-has-no-credential",
          `The connection "${id}" has no credential to be tried. Give it one, or authorize it at the vendor.`,
        );
      }
      const result = await trials.run(row, signal);
      if (!result) {
        throw coreError(
          "connection-not-testable",
          "The plugin declares no request that would show whether a credential works.",
        );
      }
      await records.record(id, result);
      const { version: _, ...shown } = result;
      return shown;
    },

    async lookSoon({ id, tenant_id: tenantId }, tx, announce, { isAtOnce } = { isAtOnce: false }) {
      await announce("connection-health", id);
      await queries.scheduleLook(tx, tenantId, id, isAtOnce ? 0 : inAbout(soonMs));
    },
  };
}
