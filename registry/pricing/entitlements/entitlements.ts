import type { Pricing } from "@plugboard/plugin-sdk/manifest";
import type { EntitlementStatement } from "@plugboard/plugin-sdk/trust";
import { newId } from "@plugboard/service-kit/crypto";
import type { PublishedVersion } from "../../catalog/index.ts";
import { registryError } from "../../errors.ts";
import { logEnd } from "../../log/index.ts";
import type { EntitlementSource, EntitlementState } from "../../pricing-tables.ts";
import type { RegistryDatabase } from "../../tables.ts";
import type { Trust } from "../../trust/index.ts";
import { type Terms, termsOf } from "../terms.ts";
import * as queries from "./queries.ts";

export interface Entitlement {
  id: string;
  plugin: string;
  revision: number;
  state: EntitlementState;
  source: EntitlementSource;
  /** The digest of the prices agreed to. */
  terms: string;
  pricing: Pricing;
  /** Null: it does not end by itself. */
  expiresAt: string | null;
  updatedAt: string;
  /** Compact JWS of type `plugboard-entitlement+jws`, for the host to keep. */
  statement: string;
}

export interface EntitlementChange {
  revision: number;
  state: EntitlementState;
  source: EntitlementSource;
  expiresAt: string | null;
  reason: string;
  at: string;
}

/** What was added to an entitlement. Null: it has no end. */
interface AddedTime {
  from: Date;
  until: Date | null;
}

type OnPlugin = { tenantId: string; plugin: string };

export interface Entitlements {
  /** @throws `entitlement-not-found` */
  get(on: OnPlugin): Promise<Entitlement & { history: EntitlementChange[] }>;
  /**
   * Lets a tenant run the plugin from now on, at prices it agreed to. What is bought takes no end from what has none.
   *
   * @param until given the end of what stands: until when; null: without an end
   * @returns what it adds
   */
  grant(
    transaction: RegistryDatabase,
    on: OnPlugin,
    yes: {
      source: EntitlementSource;
      terms: Pick<Terms, "terms" | "pricing">;
      until(standing: Date | null): Date | null;
      reason: string;
    },
  ): Promise<AddedTime>;
  /**
   * Takes back what was added, and leaves what others added: it ends if nothing is left. What the operator granted since
   * stays as they said.
   *
   * @param added null where nobody knows: then all ends
   * @throws `entitlement-not-found`
   */
  takeBack(
    transaction: RegistryDatabase,
    on: OnPlugin,
    added: AddedTime | null,
    reason: string,
  ): Promise<void>;
  /** Ends it now; hosts stop it as soon as they hear. @throws `entitlement-not-found` */
  end(transaction: RegistryDatabase, on: OnPlugin, reason: string): Promise<void>;
  /** Once for each tenant and plugin. @throws `trial-unavailable` */
  startTrial(tenantId: string, offer: Terms): Promise<void>;
  /** Whether the tenant may run the plugin without an end. */
  isForGood(on: OnPlugin): Promise<boolean>;
  /** Which of the tenants have a right to run the plugin now. */
  paidBy(plugin: string, tenantIds: string[]): Promise<ReadonlySet<string>>;
  /** @throws `entitlement-required` where the version costs something and the tenant has no right to run it now */
  require(on: RegistryDatabase, tenantId: string, version: PublishedVersion): Promise<void>;
}

const dayMs = 24 * 60 * 60 * 1000;

export function createEntitlements(options: {
  db: RegistryDatabase;
  trust: Trust;
  now: () => Date;
}): Entitlements {
  const { db, trust, now } = options;

  async function sign(row: queries.EntitlementRow): Promise<string> {
    const { seq } = await logEnd(db);
    const statement: EntitlementStatement = {
      entitlementId: row.id,
      tenantId: row.tenant_id,
      plugin: row.plugin,
      revision: row.revision,
      state: row.state,
      terms: row.terms,
      ...(row.source === "trial" && { trial: true as const }),
      ...(row.expires_at && { expiresAt: row.expires_at.toISOString() }),
      seq,
      issuedAt: now().toISOString(),
    };
    return trust.sign(db, "entitlement", statement);
  }

  const grant: Entitlements["grant"] = async (transaction, on, { source, terms, until, reason }) => {
    const before = await queries.lockEntitlement(transaction, on.tenantId, on.plugin);
    const at = now();
    const standing = before?.state === "active" ? before.expires_at : null;
    const isForGood = source === "purchase" && before?.state === "active" && before.expires_at === null;
    const expiresAt = isForGood ? null : until(standing);
    const facts: queries.EntitlementFacts = {
      state: "active",
      source,
      terms: terms.terms,
      pricing: JSON.stringify(terms.pricing),
      expires_at: expiresAt,
      trial_used: before?.trial_used === true || source === "trial",
      updated_at: at,
    };
    const row = before
      ? await queries.changeEntitlement(transaction, before, facts)
      : await queries.insertEntitlement(transaction, {
          id: newId("ent"),
          tenant_id: on.tenantId,
          plugin: on.plugin,
          ...facts,
        });
    // Somebody else granted the first one in this moment: what they did stands, and this is done upon it.
    if (!row) return grant(transaction, on, { source, terms, until, reason });
    await queries.appendHistory(transaction, row, reason);
    // To what has no end already, nothing.
    if (isForGood) return { from: at, until: at };
    return { from: standing && standing > at ? standing : at, until: expiresAt };
  };

  const end: Entitlements["end"] = async (transaction, { tenantId, plugin }, reason) => {
    const row = await queries.lockEntitlement(transaction, tenantId, plugin);
    if (!row) throw notFound(plugin);
    if (row.state === "ended") return;
    const change = { state: "ended" as const, updated_at: now() };
    const ended = await queries.changeEntitlement(transaction, row, change);
    await queries.appendHistory(transaction, ended, reason);
  };

  return {
    grant,
    end,

    async takeBack(transaction, on, added, reason) {
      if (!added) return end(transaction, on, reason);
      const row = await queries.lockEntitlement(transaction, on.tenantId, on.plugin);
      if (!row) throw notFound(on.plugin);
      if (row.state === "ended" || row.source === "grant") return;
      const left = without(row.expires_at, added);
      if (left === null) return;
      if (left <= now()) return end(transaction, on, reason);
      const change = { expires_at: left, updated_at: now() };
      const shortened = await queries.changeEntitlement(transaction, row, change);
      await queries.appendHistory(transaction, shortened, reason);
    },

    async get({ tenantId, plugin }) {
      const row = await queries.findEntitlement(db, tenantId, plugin);
      if (!row) throw notFound(plugin);
      const history = await queries.listHistory(db, row.id);
      return {
        id: row.id,
        plugin,
        revision: row.revision,
        state: row.state,
        source: row.source,
        terms: row.terms,
        pricing: row.pricing,
        expiresAt: row.expires_at?.toISOString() ?? null,
        updatedAt: row.updated_at.toISOString(),
        statement: await sign(row),
        history: history.map(({ revision, state, source, expires_at, reason, at }) => ({
          revision,
          state,
          source,
          expiresAt: expires_at?.toISOString() ?? null,
          reason,
          at: at.toISOString(),
        })),
      };
    },

    async startTrial(tenantId, offer) {
      const { plugin, pricing } = offer;
      const { trialDays } = pricing;
      if (trialDays === undefined) throw noTrial(`${plugin} cannot be tried for nothing.`);
      const on = { tenantId, plugin };
      await db.transaction().execute(async (transaction) => {
        const until = () => new Date(now().getTime() + trialDays * dayMs);
        const yes = { source: "trial" as const, terms: offer, until, reason: "A trial was begun." };
        const before = await queries.lockEntitlement(transaction, tenantId, plugin);
        if (before) throw noTrial(`This tenant has tried or bought ${plugin} before.`);
        await grant(transaction, on, yes);
        const after = await queries.lockEntitlement(transaction, tenantId, plugin);
        // Two trials at once would make one after the other.
        if (after?.revision !== 1) throw noTrial(`This tenant has tried or bought ${plugin} before.`);
      });
    },

    async isForGood({ tenantId, plugin }) {
      const row = await queries.findEntitlement(db, tenantId, plugin);
      return row?.state === "active" && row.expires_at === null;
    },

    async paidBy(plugin, tenantIds) {
      return new Set(await queries.listLive(db, plugin, tenantIds, now()));
    },

    async require(on, tenantId, version) {
      const offer = termsOf(version);
      if (offer.pricing.model === "free") return;
      const row = await queries.findEntitlement(on, tenantId, version.plugin);
      const isLive = row?.state === "active" && (row.expires_at === null || row.expires_at > now());
      if (isLive) return;
      const detail = `${version.plugin} ${version.version} costs something. Buy it, or try it, first.`;
      throw registryError("entitlement-required", detail, { ...offer });
    },
  };
}

/** The end that is left of one when what was added goes; null: it has none. */
function without(expiresAt: Date | null, { from, until }: AddedTime): Date | null {
  if (until === null) return expiresAt ?? from;
  return expiresAt && new Date(expiresAt.getTime() - (until.getTime() - from.getTime()));
}

function notFound(plugin: string) {
  return registryError("entitlement-not-found", `This tenant has never bought or tried ${plugin}.`);
}

function noTrial(detail: string) {
  return registryError("trial-unavailable", `${detail} Buy it instead.`);
}
