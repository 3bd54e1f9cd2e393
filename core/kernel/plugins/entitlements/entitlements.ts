import { type Manifest, type Pricing, termsDigest } from "@plugboard/plugin-sdk/manifest";
import type { EntitlementStatement } from "@plugboard/plugin-sdk/trust";
import type { RegistryClient } from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { coreError } from "../../../errors.ts";
import type { CoreDatabase } from "../../../tables.ts";
import { type Changes, createCachedLookup } from "../../changes/index.ts";
import type { Events } from "../../events/index.ts";
import { isCode } from "../install.ts";
import { asCoreError } from "../registry-problems.ts";
import { fromKey, type OnPlugin, toKey } from "../tenant-plugin-key.ts";
import type { RegistryTrust } from "../trust/index.ts";
import * as queries from "./queries.ts";
import { verifyEntitlement } from "./statement.ts";
import { type EntitlementStatus, statusOf } from "./status.ts";

export interface EntitlementView {
  plugin: string;
  status: EntitlementStatus;
  expiresAt: string | null;
  /** Until when it runs although it has expired. */
  graceUntil: string | null;
}

/** The prices that a tenant said yes to; those of the version that runs may be others by now. */
export interface Agreement {
  pricing: Pricing;
  /** Nothing is owed for what is used under it. */
  isTrial: boolean;
}

interface Kept {
  statement: EntitlementStatement;
  /** Undefined in rows from before they were kept, until the registry is asked again. */
  pricing: Pricing | undefined;
}

/** Whether tenants may run what costs something, from the registry's signed word that this host keeps. */
export interface Entitlements {
  /**
   * Looks at the local copy alone; the registry is asked where there is none yet, or one that does not verify any more.
   *
   * @returns what was agreed to; undefined where the plugin costs nothing, or the prices are not known yet
   * @throws `entitlement-required`; `registry-unavailable` where nothing is known yet and nobody answers
   */
  require(on: OnPlugin, manifest: Pick<Manifest, "pricing">): Promise<Agreement | undefined>;
  /** Takes what the registry says now. @throws `registry-unavailable`, `release-not-trusted` */
  refresh(on: OnPlugin): Promise<void>;
  list(tenantId: string): Promise<EntitlementView[]>;
  /** Asks for news of all of them from time to time, and tells tenants what changes. Gives what stops it. */
  watch(): { stop(): Promise<void> };
  /** One round of that. */
  look(): Promise<void>;
}

/** A refused call may ask the registry again, but not each of them. */
const askAgainMs = 30_000;
/** From so many on, those that may be asked about again are forgotten. */
const mostAsked = 1_000;

export function createEntitlements(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  events: Pick<Events, "append">;
  registry: Pick<RegistryClient, "getEntitlement">;
  trust: Pick<RegistryTrust, "onlineKeys">;
  graceMs: number;
  refreshMs: number;
  logger: Logger;
  now?: () => number;
}): Entitlements {
  const { db, changes, events, registry, trust, graceMs, refreshMs, logger, now = Date.now } = options;
  const askedAt = new Map<string, number>();

  const kept = createCachedLookup<Kept>({
    changes,
    topic: "entitlement",
    async load(key) {
      const on = fromKey(key);
      const row = await queries.findEntitlement(db, on.tenantId, on.plugin);
      if (!row) return undefined;
      // The row only holds what the registry signed: one that was altered lets nothing run.
      const statement = await verifyEntitlement(row.statement, on, await trust.onlineKeys());
      return { statement, pricing: agreedIn(row.pricing, statement) };
    },
  });

  function statusNow(statement: EntitlementStatement): EntitlementStatus {
    return statusOf(statement, { nowMs: now(), graceMs });
  }

  /** Tells the tenant once, whichever hosts notice. */
  async function tell(row: queries.EntitlementRow, statement: EntitlementStatement): Promise<void> {
    const status = statusNow(statement);
    if (status === row.status) return;
    await db.transaction().execute(async (transaction) => {
      if (!(await queries.setStatus(transaction, row, status))) return;
      const { plugin, expiresAt = null } = statement;
      const data = { plugin, status, expiresAt, graceUntil: graceUntil(statement) };
      const type = `plugboard.entitlement.${status}`;
      await events.append({ tenantId: row.tenant_id, type, source: { host: true }, data }, transaction);
    });
  }

  function graceUntil({ state, expiresAt }: EntitlementStatement): string | null {
    if (state === "ended" || expiresAt === undefined) return null;
    return new Date(Date.parse(expiresAt) + graceMs).toISOString();
  }

  /** Whether what is kept still counts: a stolen key that was ended takes what it signed with it. */
  async function verifies({ statement }: queries.EntitlementRow, on: OnPlugin): Promise<boolean> {
    const keys = await trust.onlineKeys();
    return verifyEntitlement(statement, on, keys).then(
      () => true,
      (error) => {
        if (!isCode(error, "release-not-trusted")) throw error;
        return false;
      },
    );
  }

  /** What does not verify is asked for anew; a registry that was restored from a backup may have signed fewer since. */
  async function keptAndSound(on: OnPlugin): Promise<Kept | undefined> {
    try {
      return await kept.get(toKey(on));
    } catch (error) {
      if (!isCode(error, "release-not-trusted")) throw error;
      await refreshSometimes(on);
      return kept.get(toKey(on));
    }
  }

  async function refresh(on: OnPlugin): Promise<void> {
    const { statement, pricing } = await registry.getEntitlement(on.tenantId, on.plugin).catch((error) => {
      throw asCoreError(error, on.plugin);
    });
    const said = await verifyEntitlement(statement, on, await trust.onlineKeys());
    const held = await queries.findEntitlement(db, on.tenantId, on.plugin);
    const replaces = held && !(await verifies(held, on)) ? held.statement : undefined;
    const taken = await changes.transaction(db, async (transaction, announce) => {
      await announce("entitlement", toKey(on));
      const { revision } = said;
      const row = { tenant_id: on.tenantId, plugin: on.plugin, statement, pricing, revision };
      return queries.putEntitlement(transaction, row, { replaces });
    });
    if (!taken)
      logger.error({ ...on, revision: said.revision }, "the registry went back behind an entitlement");
    const row = await queries.findEntitlement(db, on.tenantId, on.plugin);
    if (row && taken) await tell(row, said);
  }

  function forgetAsked(): void {
    for (const [key, at] of askedAt) if (now() - at >= askAgainMs) askedAt.delete(key);
  }

  /** Not more often than now and then: most refused calls are refused for the same reason as the one before. */
  async function refreshSometimes(on: OnPlugin): Promise<void> {
    const key = toKey(on);
    if (now() - (askedAt.get(key) ?? Number.NEGATIVE_INFINITY) < askAgainMs) return;
    if (askedAt.size >= mostAsked) forgetAsked();
    askedAt.set(key, now());
    await refresh(on).catch((err) => {
      // What is not there is for the caller to say; what is away leaves things as they are.
      if (!isCode(err, "entitlement-not-found")) throw err;
    });
  }

  async function look(): Promise<void> {
    for (const row of await queries.listEntitlements(db)) {
      const on = { tenantId: row.tenant_id, plugin: row.plugin };
      try {
        await refresh(on);
      } catch (err) {
        logger.warn({ ...on, err }, "an entitlement could not be refreshed");
        const known = await kept.get(toKey(on)).catch(() => undefined);
        if (known) await tell(row, known.statement);
      }
    }
  }

  return {
    refresh,
    look,

    async require(on, { pricing }) {
      if (!pricing || pricing.model === "free") return undefined;
      const key = toKey(on);
      let known = await keptAndSound(on);
      if (!known) {
        await refreshSometimes(on);
        known = await kept.get(key);
      } else if (statusNow(known.statement) === "ended" || !known.pricing) {
        await refreshSometimes(on).catch((err) =>
          logger.warn({ ...on, err }, "an entitlement could not be brought up to date"),
        );
        known = await kept.get(key);
      }
      if (known && statusNow(known.statement) !== "ended") {
        return known.pricing && { pricing: known.pricing, isTrial: known.statement.trial === true };
      }
      const detail = known
        ? `The right to run ${on.plugin} has ended. Buy it again.`
        : `${on.plugin} costs something, and this tenant has not bought it.`;
      throw coreError("entitlement-required", detail, { plugin: on.plugin, pricing });
    },

    async list(tenantId) {
      const rows = await queries.listEntitlements(db, tenantId);
      return Promise.all(
        rows.map(async ({ plugin }) => {
          const on = { tenantId, plugin };
          const known = await keptAndSound(on).catch((err) => {
            logger.warn({ ...on, err }, "an entitlement does not verify");
            return undefined;
          });
          // What nobody vouches for does not run either; the others are shown all the same.
          const said = known?.statement;
          if (!said) return { plugin, status: "ended" as const, expiresAt: null, graceUntil: null };
          const expiresAt = said.expiresAt ?? null;
          return { plugin, status: statusNow(said), expiresAt, graceUntil: graceUntil(said) };
        }),
      );
    },

    watch() {
      let round = Promise.resolve();
      const timer = setInterval(() => {
        round = round.then(look).catch((err) => logger.warn({ err }, "entitlements could not be looked at"));
      }, refreshMs);
      timer.unref();
      return {
        async stop() {
          clearInterval(timer);
          await round;
        },
      };
    },
  };
}

/** The registry signs the digest of the prices alone: what is counted and owed follows from no others. */
function agreedIn(pricing: Pricing | null, { plugin, terms }: EntitlementStatement): Pricing | undefined {
  return pricing && termsDigest({ id: plugin, pricing }) === terms ? pricing : undefined;
}
