import { consentDigest, type Manifest } from "@plugboard/plugin-sdk/manifest";
import type { RegistryStatement } from "@plugboard/plugin-sdk/trust";
import { searchEntry } from "../search/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import { latestVersion } from "./versions.ts";

export interface Release {
  publicationId: string;
  publisher: string;
  manifest: Manifest;
  manifestSha512: string;
  tarball: { sha512: string; size: number };
  /** Thumbprint of the publisher's key. */
  signedBy: string;
  statement: RegistryStatement;
  registryJws: string;
}

/**
 * Makes a signed release visible: to installs as a version, and, if it is now the latest, to search and listing.
 * Releases are added one after the other: whoever calls holds the log.
 */
export async function addRelease(transaction: RegistryDatabase, release: Release): Promise<void> {
  const { manifest } = release;
  const { id, permissions } = manifest;
  const publishedAt = new Date(release.statement.publishedAt);
  await queries.insertVersion(transaction, {
    plugin: id,
    version: manifest.version,
    seq: release.statement.seq,
    publication_id: release.publicationId,
    manifest: JSON.stringify(manifest),
    manifest_sha512: release.manifestSha512,
    permissions: JSON.stringify(permissions),
    consent: consentDigest({ id, permissions }),
    tarball_sha512: release.tarball.sha512,
    size: release.tarball.size,
    registry_jws: release.registryJws,
    signed_by: release.signedBy,
    published_at: publishedAt,
  });
  const versions = (await queries.listVersions(transaction, id)).map(({ version }) => version);
  if (latestVersion(versions) !== manifest.version) return;

  const facts = {
    id,
    displayName: manifest.displayName,
    description: manifest.description,
    categories: manifest.categories ?? [],
    keywords: manifest.keywords ?? [],
  };
  const entry = searchEntry(facts);
  const listing = {
    plugin: id,
    publisher: release.publisher,
    latest_version: manifest.version,
    display_name: facts.displayName,
    description: facts.description,
    categories: facts.categories,
    keywords: facts.keywords,
    pricing: manifest.pricing?.model ?? "free",
    names: entry.names,
    created_at: publishedAt,
    updated_at: publishedAt,
  };
  await queries.upsertListing(transaction, listing, entry);
}
