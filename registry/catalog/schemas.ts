import type { Contributes, Links, Manifest, Permissions } from "@plugboard/plugin-sdk/manifest";
import { Type } from "typebox";
import { consentDigest, pluginId, publisherName, sha512, timestamp } from "../names.ts";
import { Block, Deprecation, IndexProof } from "../transparency/index.ts";

/** Their own schema is the manifest's, which every package was held against before it was published. */
const manifest = Type.Unsafe<Manifest>({
  type: "object",
  description: "plugin.json, as the publisher signed it.",
});
const permissions = Type.Unsafe<Permissions>({
  type: "object",
  description: "`permissions` of plugin.json.",
});
const contributes = Type.Unsafe<Contributes>({
  type: "object",
  description: "`contributes` of plugin.json.",
});

const links = Type.Unsafe<Links>({ type: "object", description: "`links` of plugin.json." });

const size = Type.Integer({ description: "Bytes of the tarball." });
const pricing = Type.String({ description: "`free`, `one-time`, `subscription` or `usage`." });

const standing = {
  yanked: Type.Boolean({
    description: "Ranges pass it over; whoever names it exactly gets it, and is warned.",
  }),
  deprecated: Type.Union([Deprecation, Type.Null()]),
  blocked: Type.Union([Block, Type.Null()], { description: "Hosts neither install nor run it." }),
};

export const Listing = Type.Object({
  id: pluginId,
  publisher: publisherName,
  verified: Type.Boolean(),
  version: Type.String({ description: "The latest; everything above `versions` is of this one." }),
  displayName: Type.String(),
  description: Type.String(),
  categories: Type.Array(Type.String()),
  keywords: Type.Array(Type.String()),
  license: Type.String(),
  engines: Type.Object({ plugboard: Type.String() }),
  pricing,
  installs: Type.Integer({ description: "Tenants that have it." }),
  rating: Type.Object({
    mean: Type.Union([Type.Number(), Type.Null()], { description: "1 to 5; null where nobody rated it." }),
    count: Type.Integer(),
  }),
  permissions,
  contributes,
  versions: Type.Array(
    Type.Object({ version: Type.String(), publishedAt: timestamp, size, sha512, ...standing }),
    {
      description: "Newest first.",
    },
  ),
  distTags: Type.Object({ latest: Type.String() }),
  deprecated: standing.deprecated,
  createdAt: timestamp,
  updatedAt: timestamp,
  links,
  files: Type.Array(
    Type.Object({
      kind: Type.Enum(["readme", "changelog", "icon"]),
      mediaType: Type.String(),
      size: Type.Integer({ description: "Bytes." }),
      url: Type.String({ description: "A path on this registry, which may be cached for ever." }),
    }),
    {
      description:
        "What the latest version brought to be shown. Texts are Markdown as it was written: render it as untrusted.",
    },
  ),
  screenshots: Type.Array(
    Type.Object({
      caption: Type.String(),
      mediaType: Type.String(),
      size: Type.Integer({ description: "Bytes." }),
      url: Type.String({ description: "A path on this registry, which may be cached for ever." }),
    }),
    { description: "Pictures of the latest version, in its publisher's order." },
  ),
  statistics: Type.Object({
    installsTotal: Type.Integer({ description: "Tenants that ever had it." }),
    downloads: Type.Integer({ description: "By hosts, each once a day." }),
    last30Days: Type.Object({
      installs: Type.Integer(),
      downloads: Type.Integer(),
      days: Type.Array(
        Type.Object({
          day: Type.String({ format: "date" }),
          installs: Type.Integer(),
          downloads: Type.Integer(),
        }),
        { description: "In UTC; those without any are left out." },
      ),
    }),
  }),
});

export const PublishedVersion = Type.Object({
  plugin: pluginId,
  version: Type.String(),
  seq: Type.Integer({ description: "Its place in the registry's log." }),
  publishedAt: timestamp,
  manifest,
  manifestSha512: sha512,
  permissions,
  consent: consentDigest,
  size,
  sha512,
  ...standing,
});

const jws = Type.String({ description: "Compact JWS." });

export const Signatures = Type.Object({
  publisher: jws,
  registry: jws,
  delegation: jws,
  proof: IndexProof,
});
