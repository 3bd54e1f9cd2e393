import semver from "semver";
import { type Catalog, type PublishedVersion, pinnedVersion } from "../catalog/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Breach, breachesOf, isOfVersion } from "./policy.ts";
import * as queries from "./queries.ts";

export interface Chosen {
  version: PublishedVersion;
  /** The newest of the range, where the tenant's policy does not allow it and the one chosen is older. */
  passedOver: { version: string; breaches: Breach[] } | undefined;
}

/**
 * The version to install for a range: the newest that the tenant's policy allows. Where none is allowed, or the range names one
 * alone, it is the newest, which is then refused with its reasons.
 *
 * @param held what the tenant has by now; it is never brought below that because something newer is refused
 * @throws `plugin-not-found`, `no-matching-version`, `version-blocked`
 */
export async function choosePermitted(
  {
    db,
    catalog,
    now,
  }: { db: RegistryDatabase; catalog: Pick<Catalog, "choose" | "candidates" | "version">; now: () => Date },
  wish: { tenantId: string; plugin: string; range: string; held?: string | undefined },
): Promise<Chosen> {
  const { tenantId, plugin, range, held } = wish;
  const newest = await catalog.choose({ tenantId }, plugin, range);
  const asItIs = { version: newest, passedOver: undefined };
  const row = pinnedVersion(range) === undefined ? await queries.findPolicy(db, tenantId) : undefined;
  if (!row || newest.version === held) return asItIs;
  const [publisher = ""] = plugin.split("/");
  const publisherVerified = await queries.isVerified(db, publisher);
  const judge = (facts: Pick<PublishedVersion, "version" | "permissions"> & { publishedAt: Date }) =>
    breachesOf(row.policy, { plugin, publisherVerified, ...facts }, now());

  const { version, permissions, publishedAt } = newest;
  const breaches = judge({ version, permissions, publishedAt: new Date(publishedAt) });
  if (breaches.length === 0 || !breaches.every(isOfVersion)) return asItIs;
  for (const candidate of await catalog.candidates({ tenantId }, plugin, range)) {
    if (held !== undefined && semver.lt(candidate.version, held)) break;
    if (candidate.version !== held && judge(candidate).length > 0) continue;
    const permitted = await catalog.version({ tenantId }, plugin, candidate.version);
    return { version: permitted, passedOver: { version, breaches } };
  }
  return asItIs;
}
