import { createHash } from "node:crypto";
import { listingFiles } from "@plugboard/plugin-sdk/inspection";
import { consentDigest, type Manifest } from "@plugboard/plugin-sdk/manifest";
import type { PackageFile } from "@plugboard/plugin-sdk/package";
import type { RegistryStatement } from "@plugboard/plugin-sdk/trust";
import { storeBlob } from "../blobs/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { listingFacts } from "./listing-facts.ts";
import * as queries from "./queries.ts";
import { isOffered, latestVersion } from "./versions.ts";

export interface Release {
  publicationId: string;
  manifest: Manifest;
  manifestSha512: string;
  tarball: { sha512: string; size: number };
  /** Of the package; those that the listing shows are kept. */
  files: readonly PackageFile[];
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
  for (const { content, mediaType, ...shown } of listingFiles(release.files, manifest.screenshots).found) {
    const sha512 = createHash("sha512").update(content).digest("hex");
    await storeBlob(transaction, sha512, content);
    const { version } = manifest;
    const file = { plugin: id, version, ...shown, media_type: mediaType, sha512, size: content.length };
    await queries.insertFile(transaction, file);
  }
  await refreshListing(transaction, id);
}

/**
 * Writes what search and listing say of a plugin, from the latest version that may be offered. Where none may, the
 * latest of all stands for the plugin, and says itself what became of it.
 */
export async function refreshListing(transaction: RegistryDatabase, plugin: string): Promise<void> {
  const all = await queries.listAllVersions(transaction, plugin);
  const offered = all.filter(isOffered);
  const latest = latestVersion((offered.length > 0 ? offered : all).map(({ version }) => version));
  const row = latest === undefined ? undefined : await queries.findManifest(transaction, plugin, latest);
  if (!row || latest === undefined) return;
  await queries.upsertListing(transaction, {
    plugin,
    publisher: plugin.slice(0, plugin.indexOf("/")),
    latest_version: latest,
    ...listingFacts(row.manifest),
    tenant_id: row.tenant_id,
    created_at: row.published_at,
    updated_at: row.published_at,
  });
}
