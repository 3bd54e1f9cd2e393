import { diffPermissions, type Permissions } from "@plugboard/plugin-sdk/manifest";
import semver from "semver";
import type { Static } from "typebox";
import { isNewer, leadsTo, type UpdateChannel } from "../channels/index.ts";
import type { AvailableUpdate, UpdateNeeds, UpdateReason } from "./schemas.ts";

type Needs = Static<typeof UpdateNeeds>;

/** A version as far as it matters here. */
export interface VersionFacts {
  version: string;
  permissions: Permissions;
  consent: string;
  /** The digest of its price; null: it is free. */
  terms: string | null;
  publishedAt: Date;
}

export interface Decision {
  automatic: string | null;
  update: Static<typeof AvailableUpdate> | null;
}

/**
 * What a tenant's install may move to.
 *
 * @param versions offered ones that run on the host, newest first
 * @param tenant what stands in the way of a version for this tenant
 */
export function decide(
  install: { version: VersionFacts; channel: UpdateChannel; above: string | undefined },
  versions: VersionFacts[],
  tenant: {
    /** By the tenant's policy, the time since it was published included. */
    isAllowed(version: VersionFacts): boolean;
    needsApproval(version: VersionFacts): boolean;
    /** Whether it has a right to run what costs something. */
    hasPaid: boolean;
  },
): Decision {
  const { version: held, channel, above } = install;
  const newer = versions.filter(({ version }) => isNewer(held.version, version)).filter(tenant.isAllowed);
  const within = newer.filter(({ version }) => leadsTo(channel, held.version, version));

  function needsOf(version: VersionFacts): Needs {
    const needs: Needs = [];
    // Exactly those that run now: what was agreed to once and left since is not taken up again unasked.
    if (version.consent !== held.consent) needs.push("consent");
    if (tenant.needsApproval(version)) needs.push("approval");
    if (version.terms !== null && !(tenant.hasPaid && version.terms === held.terms)) needs.push("payment");
    return needs;
  }

  function reasonOf(version: VersionFacts, needs: Needs): Static<typeof UpdateReason> {
    if (!within.includes(version)) return "outside-channel";
    if (needs.length > 0) return "decision-needed";
    return version === automatic ? "scheduled" : "held-back";
  }

  const automatic = within.find(
    (version) => needsOf(version).length === 0 && (above === undefined || semver.gt(version.version, above)),
  );
  // What somebody has to decide about goes before what comes by itself.
  const shown = within[0] !== automatic && within[0] ? within[0] : (newer[0] ?? automatic);
  if (!shown) return { automatic: null, update: null };
  const needs = needsOf(shown);
  return {
    automatic: automatic?.version ?? null,
    update: {
      version: shown.version,
      reason: reasonOf(shown, needs),
      needs,
      consent: shown.consent,
      ...diffPermissions(held.permissions, shown.permissions),
    },
  };
}
