import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { registryError } from "../errors.ts";
import type { Finding } from "../scanning/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** Whose a plugin is alone; null: everybody's. */
export async function ownerOf(db: RegistryDatabase, plugin: string): Promise<string | null> {
  return (await queries.findListing(db, plugin))?.tenant_id ?? null;
}

/**
 * Whom a package is for: by its own word, which its publisher signed, everybody or one tenant; which one, the tenant
 * said itself when it linked the publisher.
 *
 * Only who holds a key of the publisher comes to be told: the signature is verified before.
 *
 * @returns the tenant; null: everybody
 * @throws `private-needs-tenant`, `visibility-fixed`
 */
export async function audienceOf(
  db: RegistryDatabase,
  publisher: string,
  manifest: Pick<Manifest, "id" | "private">,
): Promise<string | null> {
  const { id } = manifest;
  const isPrivate = manifest.private === true;
  const listing = await queries.findListing(db, id);
  if (listing && (listing.tenant_id !== null) !== isPrivate) {
    throw registryError("visibility-fixed", fixed(id, listing.tenant_id !== null));
  }
  if (!isPrivate) return null;
  const link = await queries.findLink(db, publisher);
  if (link && link.tenant_id === (listing?.tenant_id ?? link.tenant_id)) return link.tenant_id;
  const whose = listing ? "the tenant that has it" : "a tenant";
  const detail = `${id} is private, and "${publisher}" is not linked to ${whose}. Have the tenant's administrator link it first.`;
  throw registryError("private-needs-tenant", detail);
}

/** The same once more where a release is made: of two first versions at once, one may be for everybody; and links end. */
export async function visibilityProblems(
  transaction: RegistryDatabase,
  { plugin, publisher, tenantId }: { plugin: string; publisher: string; tenantId: string | null },
): Promise<Finding[]> {
  if (tenantId !== null && (await queries.findLink(transaction, publisher))?.tenant_id !== tenantId) {
    const message = `"${publisher}" is not linked to the tenant any more. Have it linked, and publish again.`;
    return [{ code: "private-needs-tenant", pointer: "/private", message }];
  }
  const listing = await queries.findListing(transaction, plugin);
  if (!listing || listing.tenant_id === tenantId) return [];
  const message = fixed(plugin, listing.tenant_id !== null);
  return [{ code: "visibility-fixed", pointer: "/private", message }];
}

function fixed(plugin: string, isPrivate: boolean): string {
  const [is, instead] = isPrivate
    ? ["private to one tenant", 'Leave `"private": true` in plugin.json']
    : ["public", 'Leave `"private"` out of plugin.json'];
  return `${plugin} is ${is}, and stays so from its first version on. ${instead}, or publish under another name.`;
}
