import { newId } from "@plugboard/service-kit/crypto";
import type { Static } from "typebox";
import type { Catalog, PublishedVersion } from "../catalog/index.ts";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Chosen, choosePermitted } from "./choose.ts";
import { breachesOf, openPolicy } from "./policy.ts";
import * as queries from "./queries.ts";
import type { Approval, approvalStatus, Policy, VersionedPolicy } from "./schemas.ts";

type JudgedVersion = Pick<PublishedVersion, "version" | "permissions" | "consent"> & { publishedAt: Date };

interface Verdict {
  isAllowed: boolean;
  /** What speaks against going on with a version that the tenant has; its age does not, and whether that stops it. */
  refusal: { reasons: string[]; stops: boolean } | null;
  /** Whether an approval is asked for that is not there. */
  needsApproval: boolean;
}

export interface Policies {
  get(tenantId: string): Promise<Static<typeof VersionedPolicy>>;
  /** @param o.version of the policy that it was made from. @throws `policy-changed` if that is not the one in force */
  set(
    tenantId: string,
    o: { policy: Static<typeof Policy>; changedBy: string; version?: number | undefined },
  ): Promise<Static<typeof VersionedPolicy>>;
  /** See {@link choosePermitted}. @throws `plugin-not-found`, `no-matching-version`, `version-blocked` */
  choose(wish: {
    tenantId: string;
    plugin: string;
    range: string;
    held?: string | undefined;
  }): Promise<Chosen>;
  /**
   * Whether the tenant lets itself install a version. What runs already is not asked about.
   *
   * @param on the transaction that it is asked in, if it is: one that waits for a second connection of the pool while it
   *   holds the first may wait for itself
   * @throws `policy-refused` with every rule that is broken; `approval-required`
   */
  requireAllowed(on: RegistryDatabase, tenantId: string, version: PublishedVersion): Promise<void>;
  /**
   * The same for many tenants and versions of one plugin, to be told and not to be refused. From two queries and one for
   * the publisher, however many there are.
   */
  judge(plugin: string, tenantIds: string[]): Promise<(tenantId: string, version: JudgedVersion) => Verdict>;
  /** Asks for an approval of a plugin with the permissions of its chosen version; asking twice finds the first. @throws `plugin-not-found`, `no-matching-version`, `version-blocked` */
  requestApproval(
    tenantId: string,
    wish: { plugin: string; range: string; reason: string; requestedBy: string },
  ): Promise<Static<typeof Approval>>;
  listApprovals(
    tenantId: string,
    page: { status: Static<typeof approvalStatus> | undefined; limit: number; before: string | undefined },
  ): Promise<Static<typeof Approval>[]>;
  /** @throws `approval-not-found`, `approval-decided` */
  decideApproval(
    tenantId: string,
    id: string,
    o: { decision: "approve" | "deny"; reason: string; decidedBy: string },
  ): Promise<Static<typeof Approval>>;
}

/** Of a refusal: enough to see what is wrong. */
const mostReasons = 20;

export function createPolicies(options: {
  db: RegistryDatabase;
  catalog: Pick<Catalog, "choose" | "candidates" | "version">;
  now: () => Date;
}): Policies {
  const { db, catalog, now } = options;

  async function get(tenantId: string, on = db): Promise<Static<typeof VersionedPolicy>> {
    const row = await queries.findPolicy(on, tenantId);
    if (!row) return { version: 0, policy: openPolicy, changedBy: null, changedAt: null };
    const { version, policy, changed_by: changedBy, created_at } = row;
    return { version, policy, changedBy, changedAt: created_at.toISOString() };
  }

  return {
    get: (tenantId) => get(tenantId),
    async set(tenantId, { policy, changedBy, version }) {
      const held = await get(tenantId);
      const next = {
        tenant_id: tenantId,
        version: held.version + 1,
        policy: JSON.stringify(policy),
        changed_by: changedBy,
        created_at: now(),
      };
      if ((version ?? held.version) !== held.version || !(await queries.insertPolicy(db, next))) {
        const detail = "Somebody else changed the policy meanwhile. Read it again and decide anew.";
        throw registryError("policy-changed", detail);
      }
      return get(tenantId);
    },

    choose: (wish) => choosePermitted({ db, catalog, now }, wish),

    async requireAllowed(on, tenantId, version) {
      const { policy } = await get(tenantId, on);
      const { plugin, permissions, consent, publishedAt } = version;
      const publisherVerified = await queries.isVerified(on, publisherOf(plugin));
      const candidate = {
        plugin,
        version: version.version,
        permissions,
        publisherVerified,
        publishedAt: new Date(publishedAt),
      };
      const breaches = breachesOf(policy, candidate, now());
      if (breaches.length > 0) {
        const detail = `The tenant's policy does not allow ${plugin} ${version.version}: ${breaches.map(({ message }) => message).join(" ")}`;
        throw registryError("policy-refused", detail, { plugin, version: version.version, breaches });
      }
      if (!policy.approvalRequired) return;
      const standing = await queries.findStanding(on, { tenantId, plugin, consent });
      if (standing?.status === "approved") return;
      const approval = standing ? { approvalId: standing.id } : {};
      const detail = `The tenant's policy asks for an approval of ${plugin} with these permissions${standing ? ", which waits for a decision" : ""}.`;
      throw registryError("approval-required", detail, {
        plugin,
        version: version.version,
        permissions,
        ...approval,
      });
    },

    async judge(plugin, tenantIds) {
      const [policies, approved, publisherVerified] = await Promise.all([
        queries.listPolicies(db, tenantIds),
        queries.listApproved(db, plugin, tenantIds),
        queries.isVerified(db, publisherOf(plugin)),
      ]);
      const policyOf = new Map(policies.map((row) => [row.tenant_id, row.policy]));
      const approvals = new Set(approved.map((row) => `${row.tenant_id} ${row.consent}`));
      const at = now();
      return (tenantId, { version, permissions, consent, publishedAt }) => {
        const policy = policyOf.get(tenantId) ?? openPolicy;
        const candidate = { plugin, version, permissions, publisherVerified, publishedAt };
        const breaches = breachesOf(policy, candidate, at);
        const needsApproval = policy.approvalRequired && !approvals.has(`${tenantId} ${consent}`);
        const reasons = breaches.filter(({ rule }) => rule !== "coolDownHours").map(({ message }) => message);
        if (needsApproval) reasons.push(`${plugin} with these permissions has no approval.`);
        const stops = policy.enforce === "running";
        return {
          isAllowed: breaches.length === 0,
          refusal: reasons.length > 0 ? { reasons: reasons.slice(0, mostReasons), stops } : null,
          needsApproval,
        };
      };
    },

    async requestApproval(tenantId, { plugin, range, reason, requestedBy }) {
      const { version, consent } = (await this.choose({ tenantId, plugin, range })).version;
      const inserted = await queries.insertApproval(db, {
        id: newId("apr"),
        tenant_id: tenantId,
        plugin,
        version,
        consent,
        reason,
        requested_by: requestedBy,
        created_at: now(),
      });
      const row = inserted ?? (await queries.findStanding(db, { tenantId, plugin, consent }));
      // Denied between the two: then this is a new question.
      return row ? toApproval(row) : this.requestApproval(tenantId, { plugin, range, reason, requestedBy });
    },

    async listApprovals(tenantId, page) {
      return (await queries.listApprovals(db, tenantId, page)).map(toApproval);
    },

    async decideApproval(tenantId, id, { decision, reason, decidedBy: by }) {
      const status = decision === "approve" ? "approved" : "denied";
      const row = await queries.decideApproval(db, { tenantId, id, status, reason, by, at: now() });
      if (row) return toApproval(row);
      const found = await queries.findApproval(db, tenantId, id);
      if (!found) throw registryError("approval-not-found", `This tenant has no approval "${id}".`);
      throw registryError("approval-decided", `The approval ${id} was ${found.status} before.`);
    },
  };
}

function publisherOf(plugin: string): string {
  return plugin.slice(0, plugin.indexOf("/"));
}

function toApproval(row: queries.ApprovalRow): Static<typeof Approval> {
  return {
    id: row.id,
    plugin: row.plugin,
    version: row.version,
    consent: row.consent,
    status: row.status,
    reason: row.reason,
    requestedBy: row.requested_by,
    decisionReason: row.decision_reason,
    decidedBy: row.decided_by,
    createdAt: row.created_at.toISOString(),
    decidedAt: row.decided_at?.toISOString() ?? null,
  };
}
