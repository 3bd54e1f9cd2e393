import type { ListingFileKind } from "@plugboard/plugin-sdk/inspection";
import { type Insertable, type NotNull, sql } from "kysely";
import { daysSince } from "../statistics/index.ts";
import type { RegistryDatabase, RegistryTables } from "../tables.ts";
import type { Block, Deprecation } from "../transparency/index.ts";
import { isVisibleTo, preparedFor, type Viewer } from "../visibility.ts";

export interface NewVersion {
  plugin: string;
  version: string;
  seq: number;
  publication_id: string;
  manifest: string;
  manifest_sha512: string;
  permissions: string;
  consent: string;
  tarball_sha512: string;
  size: number;
  registry_jws: string;
  signed_by: string;
  published_at: Date;
}

export async function insertVersion(db: RegistryDatabase, version: NewVersion) {
  await db
    .insertInto("versions")
    .values({ ...version, yanked_at: null })
    .execute();
}

/** All of them, whoever may see them: for the registry itself. */
export async function listAllVersions(db: RegistryDatabase, plugin: string) {
  return db
    .selectFrom("versions")
    .select(["version", "yanked_at", "deprecation", "block"])
    .where("plugin", "=", plugin)
    .execute();
}

export async function findManifest(db: RegistryDatabase, plugin: string, version: string) {
  return db
    .selectFrom("versions")
    .innerJoin("publications", "publications.id", "versions.publication_id")
    .select(["versions.manifest", "versions.published_at", "publications.tenant_id"])
    .where("versions.plugin", "=", plugin)
    .where("versions.version", "=", version)
    .executeTakeFirst();
}

function visibleVersions(db: RegistryDatabase, viewer: Viewer) {
  return db
    .selectFrom("versions")
    .innerJoin("listings", "listings.plugin", "versions.plugin")
    .where(isVisibleTo(viewer));
}

export async function listVersions(db: RegistryDatabase, viewer: Viewer, plugin: string) {
  return visibleVersions(db, viewer)
    .select([
      "versions.version",
      "versions.size",
      "versions.tarball_sha512",
      "versions.published_at",
      "versions.yanked_at",
      "versions.deprecation",
      "versions.block",
    ])
    .where("versions.plugin", "=", plugin)
    .execute();
}

export async function listVersionPermissions(db: RegistryDatabase, viewer: Viewer, plugin: string) {
  return visibleVersions(db, viewer)
    .select([
      "versions.version",
      "versions.permissions",
      "versions.published_at",
      "versions.yanked_at",
      "versions.block",
    ])
    .where("versions.plugin", "=", plugin)
    .execute();
}

/**
 * Looks for the plugin first, and at versions only of one that may be seen: a name that may not be known takes the same time
 * as one that nobody took.
 *
 * @returns undefined without the plugin; null where it has no such version
 */
export async function findVersion(db: RegistryDatabase, viewer: Viewer, plugin: string, version: string) {
  const row = await db
    .selectFrom("listings")
    .leftJoin("versions", (join) =>
      join.onRef("versions.plugin", "=", "listings.plugin").on("versions.version", "=", version),
    )
    .select([
      "versions.plugin",
      "versions.version",
      "versions.seq",
      "versions.manifest",
      "versions.manifest_sha512",
      "versions.permissions",
      "versions.consent",
      "versions.tarball_sha512",
      "versions.size",
      "versions.published_at",
      "versions.yanked_at",
      "versions.deprecation",
      "versions.block",
    ])
    .$narrowType<{
      plugin: NotNull;
      version: NotNull;
      seq: NotNull;
      manifest: NotNull;
      manifest_sha512: NotNull;
      permissions: NotNull;
      consent: NotNull;
      tarball_sha512: NotNull;
      size: NotNull;
      published_at: NotNull;
    }>()
    .where("listings.plugin", "=", plugin)
    .where(isVisibleTo(viewer))
    .executeTakeFirst();
  return row && (isThere(row) ? row : null);
}

/** @returns as `findVersion` has it */
export async function findSignatures(db: RegistryDatabase, viewer: Viewer, plugin: string, version: string) {
  const row = await db
    .selectFrom("listings")
    .leftJoin("versions", (join) =>
      join.onRef("versions.plugin", "=", "listings.plugin").on("versions.version", "=", version),
    )
    .leftJoin("publications", "publications.id", "versions.publication_id")
    .select(({ selectFrom }) => [
      "versions.version",
      "publications.statement_jws",
      "versions.registry_jws",
      selectFrom("delegations")
        .select("delegations.jws")
        .whereRef("delegations.publisher", "=", "publications.publisher")
        .orderBy("delegations.seq", "desc")
        .limit(1)
        .as("delegation"),
    ])
    .$narrowType<{ version: NotNull; statement_jws: NotNull; registry_jws: NotNull }>()
    .where("listings.plugin", "=", plugin)
    .where(isVisibleTo(viewer))
    .executeTakeFirst();
  return row && (isThere(row) ? row : null);
}

/** What a left join found nothing for is null in every column. */
function isThere(row: { version: string | null }): boolean {
  return row.version !== null;
}

export type NewListing = Omit<Insertable<RegistryTables["listings"]>, "changed_in">;

/** Writes the plugin's one row, and one to count in; the time of its first publication stays, and whose it is. */
export async function upsertListing(db: RegistryDatabase, listing: NewListing) {
  const { plugin, publisher, tenant_id, created_at, ...changing } = listing;
  await db
    .insertInto("listings")
    .values(listing)
    .onConflict((conflict) => conflict.column("plugin").doUpdateSet(changing))
    .execute();
  await db
    .insertInto("plugin_statistics")
    .values({ plugin_id: plugin })
    .onConflict((conflict) => conflict.column("plugin_id").doNothing())
    .execute();
}

/** A version as its listing tells of it. */
export interface ListedVersion {
  version: string;
  publishedAt: string;
  size: number;
  sha512: string;
  yanked: boolean;
  deprecated: Deprecation | null;
  blocked: Block | null;
}

const listedVersions = sql<ListedVersion[]>`(
  select json_agg(json_build_object(
    'version', one.version,
    'publishedAt', to_char(one.published_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
    'size', one.size,
    'sha512', one.tarball_sha512,
    'yanked', one.yanked_at is not null,
    'deprecated', one.deprecation,
    'blocked', one.block))
  from ${sql.id("registry", "versions")} one where one.plugin = listings.plugin)`;

const listedFiles = sql<
  { kind: ListingFileKind; mediaType: string; size: number; position: number; caption: string | null }[]
>`coalesce((
  select json_agg(json_build_object('kind', file.kind, 'mediaType', file.media_type, 'size', file.size,
    'position', file.position, 'caption', file.caption) order by file.kind, file.position)
  from ${sql.id("registry", "version_files")} file
  where file.plugin = listings.plugin and file.version = listings.latest_version), '[]')`;

const listingPage = preparedFor((db, { plugin, from }: { plugin: string; from: string }, viewer) =>
  db
    .selectFrom("listings")
    .innerJoin("publishers", "publishers.name", "listings.publisher")
    .innerJoin("plugin_statistics", "plugin_statistics.plugin_id", "listings.plugin")
    .innerJoin("versions", (join) =>
      join
        .onRef("versions.plugin", "=", "listings.plugin")
        .onRef("versions.version", "=", "listings.latest_version"),
    )
    .select([
      "listings.plugin",
      "listings.publisher",
      "listings.latest_version",
      "listings.created_at",
      "listings.updated_at",
      "publishers.verified",
      "plugin_statistics.installs_active",
      "plugin_statistics.installs_total",
      "plugin_statistics.downloads",
      "plugin_statistics.rating_sum",
      "plugin_statistics.rating_count",
      "versions.manifest",
      "versions.permissions",
      "versions.deprecation",
      listedVersions.as("versions"),
      listedFiles.as("files"),
      daysSince(from).as("days"),
    ])
    .where("listings.plugin", "=", plugin)
    .where(isVisibleTo(viewer)),
);

/** All that a listing page shows, in one round trip. @param page.from the first day that is counted, as `YYYY-MM-DD` */
export async function findListing(
  db: RegistryDatabase,
  viewer: Viewer,
  page: { plugin: string; from: string },
) {
  return (await listingPage(db, viewer, page))[0];
}

export type ListingRow = NonNullable<Awaited<ReturnType<typeof findListing>>>;

export async function insertFile(db: RegistryDatabase, file: RegistryTables["version_files"]) {
  await db.insertInto("version_files").values(file).execute();
}

/** @returns as `findVersion` has it, what is looked for being files: undefined without the plugin */
export async function listFiles(db: RegistryDatabase, viewer: Viewer, plugin: string, version: string) {
  const rows = await db
    .selectFrom("listings")
    .leftJoin("version_files", (join) =>
      join.onRef("version_files.plugin", "=", "listings.plugin").on("version_files.version", "=", version),
    )
    .where("listings.plugin", "=", plugin)
    .where(isVisibleTo(viewer))
    .select([
      "version_files.version",
      "version_files.kind",
      "version_files.position",
      "version_files.media_type",
      "version_files.sha512",
      "version_files.size",
    ])
    .$narrowType<{
      version: NotNull;
      kind: NotNull;
      position: NotNull;
      media_type: NotNull;
      sha512: NotNull;
      size: NotNull;
    }>()
    .execute();
  return rows.length === 0 ? undefined : rows.filter(isThere);
}
