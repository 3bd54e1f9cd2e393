import { termsDigest } from "@plugboard/plugin-sdk/manifest";
import { httpErrors } from "@plugboard/service-kit/http";
import semver from "semver";
import type { Static } from "typebox";
import { isOffered } from "../catalog/index.ts";
import type { Policies } from "../policies/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { maySee } from "../visibility.ts";
import { decide, type VersionFacts } from "./decide.ts";
import * as queries from "./queries.ts";
import type { CheckedInstall, UpdateCheck, VersionNotice } from "./schemas.ts";

export interface Updates {
  /**
   * What installs of one plugin may move to, and what became of the versions that they are at. It changes nothing: whoever
   * moves an install asks again, and is held to policy, consent and payment then.
   *
   * @param host for whose tenants alone
   * @returns without installs that are not of this tenant and plugin, or that ended
   */
  check(request: Static<typeof UpdateCheck>, host: string): Promise<Static<typeof CheckedInstall>[]>;
}

export function createUpdates(options: {
  db: RegistryDatabase;
  policies: Pick<Policies, "judge">;
  /** Which of the tenants may run what costs something of this plugin now. */
  paidBy(plugin: string, tenantIds: string[]): Promise<ReadonlySet<string>>;
}): Updates {
  const { db, policies, paidBy } = options;
  return {
    async check({ plugin, hostVersion, installs }, host) {
      requireVersions(installs);
      const ids = installs.map(({ id }) => id);
      const [rows, versions] = await Promise.all([
        queries.findActive(db, { plugin, ids, host }),
        queries.listVersions(db, plugin),
      ]);
      const asked = new Map(installs.map((install) => [install.id, install]));
      const known = rows.filter((row) => asked.get(row.id)?.tenantId === row.tenant_id);
      if (known.length === 0) return [];

      const tenantIds = known.map((row) => row.tenant_id);
      const [judge, paid] = await Promise.all([policies.judge(plugin, tenantIds), paidBy(plugin, tenantIds)]);
      const facts = new Map(versions.map((row) => [row.version, toFacts(plugin, row)]));
      const offered = versions
        .filter((row) => isOffered(row) && row.deprecation === null && runsOn(hostVersion, row.host_range))
        .sort((a, b) => semver.rcompare(a.version, b.version));

      return known.flatMap((row) => {
        const standing = versions.find(({ version }) => version === row.version);
        const held = facts.get(row.version);
        const install = asked.get(row.id);
        if (!standing || !held || !install) return [];
        const { tenant_id: tenantId } = row;
        const visible = offered.filter(({ owner }) => maySee({ tenantId }, owner));
        const decision = decide(
          { version: held, channel: install.channel, above: install.above },
          visible.flatMap(({ version }) => facts.get(version) ?? []),
          {
            isAllowed: (version) => judge(tenantId, version).isAllowed,
            needsApproval: (version) => judge(tenantId, version).needsApproval,
            hasPaid: paid.has(tenantId),
          },
        );
        const { refusal } = judge(tenantId, held);
        return [
          { id: row.id, version: row.version, ...decision, refusal, notices: noticesOf(plugin, standing) },
        ];
      });
    },
  };
}

/** Read as "no bound", one that cannot be read would bring what was left before. */
function requireVersions(installs: Static<typeof UpdateCheck>["installs"]): void {
  const problems = installs.flatMap(({ above }, index) => {
    if (above === undefined || semver.valid(above) !== null) return [];
    return [{ in: "body", pointer: `/installs/${index}/above`, message: "must be a version such as 1.2.3" }];
  });
  const [first] = problems;
  if (first)
    throw httpErrors.error("invalid-request", `body${first.pointer} ${first.message}.`, { problems });
}

function runsOn(hostVersion: string, range: string): boolean {
  return semver.satisfies(hostVersion, range, { includePrerelease: true });
}

function toFacts(plugin: string, row: queries.VersionRow): VersionFacts {
  const { version, permissions, consent, pricing, published_at: publishedAt } = row;
  const isFree = pricing === null || pricing.model === "free";
  const terms = isFree ? null : termsDigest({ id: plugin, pricing });
  return { version, permissions, consent, terms, publishedAt };
}

function noticesOf(plugin: string, row: queries.VersionRow): Static<typeof VersionNotice>[] {
  const { version, yanked_at: yankedAt, deprecation, block } = row;
  const notices: Static<typeof VersionNotice>[] = [];
  if (block) notices.push({ kind: "blocked", message: block.reason });
  if (yankedAt) {
    notices.push({ kind: "yanked", message: `The publisher has withdrawn ${plugin} ${version}.` });
  }
  if (deprecation) {
    const { message, replacement } = deprecation;
    notices.push({ kind: "deprecated", message, ...(replacement !== undefined && { replacement }) });
  }
  return notices;
}
