import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type {
  CheckOutcome,
  ConnectionStatus,
  CoreDatabase,
  HealthState,
  StatusReason,
} from "../../../tables.ts";
import { type CachedLookup, type Changes, createCachedLookup } from "../../changes/index.ts";
import type { Notices } from "../notices.ts";
import type { CredentialAccess } from "../open-credential.ts";
import * as connectionQueries from "../queries.ts";
import { toldDays } from "./expiry.ts";
import * as queries from "./queries.ts";
import { statusAfterCheck } from "./status.ts";
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
  test(tenantId: string, id: string, signal: AbortSignal): Promise<TrialResult>;
  /** Has it looked at soon: it was made, or changed. In the transaction that does so. */
  lookSoon(tenantId: string, id: string, tx: Kysely<CoreDatabase>): Promise<void>;
  /** Looks at all that are due. @returns how many */
  lookAtDue(signal: AbortSignal): Promise<number>;
}

const keptChecks = 50;
const shownChecks = 20;
const minute = 60_000;
const intervalMs = 15 * minute;
/** So long a look may take, until another host takes it over. */
const claimMs = 5 * minute;
const batch = 20;

export function createConnectionHealth(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  rows: CachedLookup<connectionQueries.ConnectionRow>;
  access: CredentialAccess;
  trials: Trials;
  notices: Notices;
  logger: Logger;
  now: () => number;
  /** A number from 0 up to 1. */
  random?: () => number;
}): ConnectionHealth {
  const { db, changes, rows, access, trials, notices, logger, now, random = Math.random } = options;
  const remembered = createCachedLookup({
    changes,
    topic: "connection-health",
    async load(id) {
      const health = await queries.findHealth(db, id);
      return health && { health, checks: await queries.listChecks(db, id, shownChecks) };
    },
  });

  async function own(tenantId: string, id: string): Promise<connectionQueries.ConnectionRow> {
    const row = await rows.get(id);
    if (row?.tenant_id === tenantId) return row;
    throw coreError(
      "connection-not-found",
      `This tenant has no connection "${id}". GET /api/v1/connections lists them.`,
    );
  }

  /** Not all at the same moment, which vendors and we would notice. */
  function inAbout(ms: number): number {
    return ms * (0.8 + 0.4 * random());
  }

  /** What follows from a check; of a connection that was deleted meanwhile nothing. */
  async function record(id: string, result: TrialResult): Promise<void> {
    await changes.transaction(db, async (tx, announce) => {
      // In the order of whoever changes or deletes the connection, or each would wait for the other.
      const row = await connectionQueries.holdConnection(tx, id);
      const health = await queries.holdHealth(tx, id);
      if (!health || !row) return;
      await announce("connection-health", id);
      const { outcome, httpStatus: http_status, durationMs: duration_ms } = result;
      const check = { outcome, http_status, duration_ms, checked_at: new Date(now()) };
      await queries.insertCheck(tx, { connection_id: id, tenant_id: row.tenant_id, ...check }, keptChecks);
      const failures = outcome === "ok" ? 0 : health.failures + 1;
      const waitMs = failures === 0 ? intervalMs : Math.min(intervalMs, minute * 2 ** (failures - 1));
      const state = outcome === "ok" ? "healthy" : "failing";
      await queries.updateHealth(tx, id, { state, failures, nextInMs: inAbout(waitMs) });
      const next = statusAfterCheck(row, outcome, failures);
      if (!next) return;
      const changed = await connectionQueries.updateConnection(tx, row.tenant_id, id, next, {
        statuses: [row.status],
      });
      if (!changed) return;
      await announce("connection", id);
      if (next.status_reason !== null) await notices.failed(changed, next.status_reason, tx);
      else if (row.status === "error") await notices.recovered(changed, tx);
    });
  }

  async function tellOfExpiry(row: connectionQueries.ConnectionRow): Promise<void> {
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

  /** A failing look at one connection is no reason not to look at others. */
  async function look(row: connectionQueries.ConnectionRow, signal: AbortSignal): Promise<void> {
    const { id, tenant_id: tenantId, status } = row;
    try {
      await tellOfExpiry(row);
      const isTried = status === "active" || status === "testing" || status === "error";
      const result =
        isTried && row.status_reason !== "reauthorization-needed" ? await trials.run(row, signal) : undefined;
      if (result) return await record(id, result);
      // Nothing to try: tokens that end are renewed all the same, so that trouble shows before a call meets it.
      if (status === "active" && row.auth_type.startsWith("oauth2/")) await access.open({ tenantId, id });
      if (status === "testing") await record(id, { outcome: "ok", httpStatus: null, durationMs: 0 });
    } catch (err) {
      logger.warn({ tenantId, connectionId: id, err }, "a connection could not be looked at");
    }
    await queries.updateHealth(db, id, { nextInMs: inAbout(intervalMs) });
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
      await record(id, result);
      return result;
    },

    lookSoon: (tenantId, id, tx) => queries.scheduleLook(tx, tenantId, id, inAbout(5_000)),

    async lookAtDue(signal) {
      let looked = 0;
      while (!signal.aborted) {
        const due = await queries.claimDue(db, batch, claimMs);
        await Promise.all(due.map((row) => look(row, signal)));
        looked += due.length;
        if (due.length < batch) break;
      }
      return looked;
    },
  };
}
