import type { ListingFileKind } from "@plugboard/plugin-sdk/inspection";
import type { Contributes, Links, Manifest, Permissions } from "@plugboard/plugin-sdk/manifest";
import { readBlob } from "../blobs/index.ts";
import type { Checkpoints } from "../checkpoint/index.ts";
import { registryError } from "../errors.ts";
import { createProver } from "../plugin-index/index.ts";
import { type Days, firstDay, sumOf } from "../statistics/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Block, Deprecation, IndexProof } from "../transparency/index.ts";
import type { Viewer } from "../visibility.ts";
import * as queries from "./queries.ts";
import { chooseVersion, isOffered, isWithin, latestVersion, newestFirst, pinnedVersion } from "./versions.ts";

/** What became of a version since it was published. */
export interface Standing {
  /** Ranges pass it over; whoever names it exactly gets it, and is warned. */
  yanked: boolean;
  deprecated: Deprecation | null;
  /** Hosts neither install nor run it. */
  blocked: Block | null;
}

export interface PublishedVersion extends Standing {
  plugin: string;
  version: string;
  seq: number;
  publishedAt: string;
  manifest: Manifest;
  manifestSha512: string;
  permissions: Permissions;
  /** What a tenant agrees to exactly these permissions with. */
  consent: string;
  /** Bytes of the tarball. */
  size: number;
  sha512: string;
}

export interface Listing {
  id: string;
  publisher: string;
  verified: boolean;
  /** Of the latest version. */
  version: string;
  displayName: string;
  description: string;
  categories: string[];
  keywords: string[];
  license: string;
  engines: Manifest["engines"];
  pricing: string;
  /** Tenants that have it. */
  installs: number;
  /** The mean is null where nobody rated it. */
  rating: { mean: number | null; count: number };
  permissions: Permissions;
  contributes: Contributes;
  /** Newest first. */
  versions: ({ version: string; publishedAt: string; size: number; sha512: string } & Standing)[];
  distTags: { latest: string };
  /** That of the latest version. */
  deprecated: Deprecation | null;
  createdAt: string;
  updatedAt: string;
  links: Links;
  /** What its page shows of the latest version. */
  files: { kind: Exclude<ListingFileKind, "screenshot">; mediaType: string; size: number; url: string }[];
  screenshots: { caption: string; mediaType: string; size: number; url: string }[];
  statistics: { installsTotal: number; downloads: number; last30Days: Days };
}

export interface ListedFile {
  mediaType: string;
  sha512: string;
  size: number;
  content: AsyncGenerator<Buffer, void>;
}

/** The three compact JWS that vouch for a release, and the proof that they are in force. */
export interface ReleaseSignatures {
  publisher: string;
  registry: string;
  delegation: string;
  proof: IndexProof;
}

/** What is published, as a viewer may know of it: what they may not see is not found, like what is not there. */
export interface Catalog {
  /** @throws `plugin-not-found` */
  listing(viewer: Viewer, plugin: string): Promise<Listing>;
  /** @throws `plugin-not-found`, `version-not-found`, `file-not-found` */
  file(
    viewer: Viewer,
    plugin: string,
    version: string,
    wanted: { kind: ListingFileKind; position?: number },
  ): Promise<ListedFile>;
  /** @throws `plugin-not-found`, `version-not-found` */
  version(viewer: Viewer, plugin: string, version: string): Promise<PublishedVersion>;
  /**
   * The version to install for a range. A yanked one only where the range names it exactly.
   * @throws `plugin-not-found`, `no-matching-version`, `version-blocked`
   */
  choose(viewer: Viewer, plugin: string, range: string): Promise<PublishedVersion>;
  /** Every version that is offered within a range, the newest first, as far as a policy is held against it. */
  candidates(
    viewer: Viewer,
    plugin: string,
    range: string,
  ): Promise<{ version: string; permissions: Permissions; publishedAt: Date }[]>;
  /** The one that whoever asks for none in particular is offered. @throws `plugin-not-found`, `no-matching-version` */
  latest(viewer: Viewer, plugin: string): Promise<PublishedVersion>;
  /** @throws `plugin-not-found`, `version-not-found` */
  signatures(viewer: Viewer, plugin: string, version: string): Promise<ReleaseSignatures>;
  /** The tarball in pieces, of what `version` gave. @throws `version-blocked` */
  tarball(version: PublishedVersion): AsyncGenerator<Buffer, void>;
}

export function createCatalog(options: {
  db: RegistryDatabase;
  checkpoints: Pick<Checkpoints, "consistently">;
  now: () => Date;
}): Catalog {
  const { db, checkpoints, now } = options;
  const prove = createProver();

  async function published(viewer: Viewer, plugin: string): Promise<string[]> {
    const versions = newestFirst(
      (await queries.listVersions(db, viewer, plugin)).map(({ version }) => version),
    );
    if (versions.length === 0) throw notPublished(plugin);
    return versions;
  }

  /** @param found of a plugin that is there: null; of one that is not, or that the viewer may not know of: undefined */
  async function absent(found: null | undefined, viewer: Viewer, plugin: string, version: string) {
    if (found === undefined) return notPublished(plugin);
    const available = await published(viewer, plugin);
    return registryError("version-not-found", `${plugin} has no version ${version}.`, { available });
  }

  return {
    async listing(viewer, plugin) {
      const row = await queries.findListing(db, viewer, { plugin, from: firstDay(now()) });
      if (!row) throw notPublished(plugin);
      return toListing(row);
    },
    async file(viewer, plugin, version, { kind, position = 0 }) {
      const files = await queries.listFiles(db, viewer, plugin, version);
      if (!files) throw notPublished(plugin);
      const file = files.find((one) => one.kind === kind && one.position === position);
      if (!file) {
        const found = await queries.findVersion(db, viewer, plugin, version);
        if (!found) throw await absent(found, viewer, plugin, version);
        throw registryError("file-not-found", `${plugin} ${version} came without a ${kind}.`);
      }
      const { media_type: mediaType, sha512, size } = file;
      return { mediaType, sha512, size, content: readBlob(db, sha512) };
    },
    async version(viewer, plugin, version) {
      const row = await queries.findVersion(db, viewer, plugin, version);
      if (!row) throw await absent(row, viewer, plugin, version);
      return toPublishedVersion(row);
    },
    async choose(viewer, plugin, range) {
      const all = await queries.listVersions(db, viewer, plugin);
      if (all.length === 0) throw notPublished(plugin);
      const pinned = pinnedVersion(range);
      const available = newestFirst(all.filter(isOffered).map(({ version }) => version));
      const version = pinned ?? chooseVersion(available, range);
      const row = version === undefined ? undefined : await queries.findVersion(db, viewer, plugin, version);
      if (row?.block) throw blocked(plugin, row.version, row.block);
      if (!row) {
        const detail = `No published version of ${plugin} satisfies "${range}". Choose one of those available.`;
        throw registryError("no-matching-version", detail, { available });
      }
      return toPublishedVersion(row);
    },
    async candidates(viewer, plugin, range) {
      const rows = await queries.listVersionPermissions(db, viewer, plugin);
      const within = rows.filter((row) => isOffered(row) && isWithin(row.version, range));
      const byVersion = new Map(within.map((row) => [row.version, row]));
      return newestFirst([...byVersion.keys()]).flatMap((version) => {
        const row = byVersion.get(version);
        return row ? [{ version, permissions: row.permissions, publishedAt: row.published_at }] : [];
      });
    },
    async latest(viewer, plugin) {
      const all = await queries.listVersions(db, viewer, plugin);
      if (all.length === 0) throw notPublished(plugin);
      const version = latestVersion(all.filter(isOffered).map((one) => one.version));
      const row = version === undefined ? undefined : await queries.findVersion(db, viewer, plugin, version);
      if (row) return toPublishedVersion(row);
      throw registryError("no-matching-version", `No version of ${plugin} is offered any more.`, {
        available: [],
      });
    },
    async signatures(viewer, plugin, version) {
      const found = await checkpoints.consistently(async (at, checkpoint) => {
        const row = await queries.findSignatures(at, viewer, plugin, version);
        // A publisher has one from the moment it is registered.
        if (row?.delegation == null) return { missing: row && null };
        const { statement_jws: publisher, registry_jws: registry, delegation } = row;
        return {
          publisher,
          registry,
          delegation,
          proof: { ...(await prove(at, plugin, checkpoint)), checkpoint },
        };
      });
      if ("missing" in found) throw await absent(found.missing, viewer, plugin, version);
      return found;
    },
    tarball({ plugin, version, sha512, blocked: block }) {
      if (block) throw blocked(plugin, version, block);
      return readBlob(db, sha512);
    },
  };
}

function notPublished(plugin: string) {
  return registryError("plugin-not-found", `No plugin "${plugin}" is published here.`);
}

function blocked(plugin: string, version: string, { reason }: Block) {
  return registryError("version-blocked", `${plugin} ${version} was blocked: ${reason}`, { version, reason });
}

type StandingRow = Pick<VersionRow, "yanked_at" | "deprecation" | "block">;

function toStanding({ yanked_at, deprecation, block }: StandingRow): Standing {
  return { yanked: yanked_at !== null, deprecated: deprecation, blocked: block };
}

type VersionRow = NonNullable<Awaited<ReturnType<typeof queries.findVersion>>>;

function toPublishedVersion(row: VersionRow): PublishedVersion {
  return {
    plugin: row.plugin,
    version: row.version,
    seq: row.seq,
    publishedAt: row.published_at.toISOString(),
    manifest: row.manifest,
    manifestSha512: row.manifest_sha512,
    permissions: row.permissions,
    consent: row.consent,
    size: row.size,
    sha512: row.tarball_sha512,
    ...toStanding(row),
  };
}

function toListing(row: queries.ListingRow): Listing {
  const { manifest } = row;
  const page = `/registry/v1/plugins/${row.plugin}/${row.latest_version}`;
  const byVersion = new Map(row.versions.map((one) => [one.version, one]));
  return {
    id: row.plugin,
    publisher: row.publisher,
    verified: row.verified,
    version: row.latest_version,
    displayName: manifest.displayName,
    description: manifest.description,
    categories: manifest.categories ?? [],
    keywords: manifest.keywords ?? [],
    license: manifest.license,
    engines: manifest.engines,
    pricing: manifest.pricing?.model ?? "free",
    installs: row.installs_active,
    rating: {
      mean: row.rating_count === 0 ? null : row.rating_sum / row.rating_count,
      count: row.rating_count,
    },
    permissions: row.permissions,
    contributes: manifest.contributes ?? {},
    versions: newestFirst([...byVersion.keys()]).flatMap((version) => byVersion.get(version) ?? []),
    distTags: { latest: row.latest_version },
    deprecated: row.deprecation,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
    links: manifest.links ?? {},
    files: row.files.flatMap(({ kind, mediaType, size }) =>
      kind === "screenshot" ? [] : [{ kind, mediaType, size, url: `${page}/${kind}` }],
    ),
    screenshots: row.files.flatMap(({ kind, mediaType, size, position, caption }) =>
      kind === "screenshot"
        ? [{ caption: caption ?? "", mediaType, size, url: `${page}/screenshots/${position}` }]
        : [],
    ),
    statistics: { installsTotal: row.installs_total, downloads: row.downloads, last30Days: sumOf(row.days) },
  };
}
