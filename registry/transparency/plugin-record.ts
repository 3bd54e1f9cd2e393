import { sha256Hex } from "@plugboard/plugin-sdk/trust";
import { Type } from "typebox";

const sha256 = Type.String({ pattern: "^[0-9a-f]{64}$", description: "SHA-256, lowercase hex." });

/** Why hosts stop a version. */
export const Block = Type.Object({
  reason: Type.String(),
  seq: Type.Integer({ description: "The place in the log where it was blocked." }),
});
export type Block = Type.Static<typeof Block>;

export const Deprecation = Type.Object({
  message: Type.String(),
  replacement: Type.Optional(Type.String({ description: "The plugin to use instead." })),
});
export type Deprecation = Type.Static<typeof Deprecation>;

const salt = Type.String({
  pattern: "^[0-9a-f]{64}$",
  description: "Of a private plugin: 32 random bytes, lowercase hex. Its leaf cannot be found without.",
});

/** All that the registry says of a plugin at one moment. Its digest is a leaf of the tree that a checkpoint names. */
export const PluginRecord = Type.Object({
  plugin: Type.String(),
  salt: Type.Optional(salt),
  delegation: Type.String({ ...sha256, description: "Digest of the publisher's delegation in force." }),
  versions: Type.Array(
    Type.Object({
      version: Type.String(),
      statement: Type.String({ ...sha256, description: "Digest of the registry's statement on it." }),
      yanked: Type.Optional(Type.Literal(true)),
      deprecated: Type.Optional(Deprecation),
      blocked: Type.Optional(Block),
    }),
  ),
});
export type PluginRecord = Type.Static<typeof PluginRecord>;

/** Shows that a record stands in the index which a checkpoint names. */
export const IndexProof = Type.Object({
  record: Type.String({
    description: "The plugin's record as canonical JSON (RFC 8785), whose digest counts.",
  }),
  salt: Type.Optional(salt),
  shard: Type.Record(sha256, sha256, {
    description:
      "Digests of the records of all plugins of this shard, by the SHA-256 of the plugin id; of a private one, of `private:<salt>:<id>`.",
  }),
  path: Type.Array(sha256, {
    maxItems: 64,
    description: "The digests beside the way to the root, lowest first.",
  }),
  checkpoint: Type.String({ description: "Compact JWS of type `plugboard-checkpoint+jws`." }),
});
export type IndexProof = Type.Static<typeof IndexProof>;

export const Revocations = Type.Object({
  blocked: Type.Array(
    Type.Object({
      plugin: Type.String(),
      version: Type.String(),
      reason: Type.String(),
      seq: Type.Integer(),
    }),
    { description: "Versions that hosts do not run, in the order of plugin and version." },
  ),
  withheld: Type.Optional(
    Type.Array(sha256, {
      description:
        "Versions of private plugins that hosts do not run: of each the SHA-256 of `blocked:` and the SHA-512 of its tarball (lowercase hex), in the order of the digests. Absent: none.",
    }),
  ),
  keys: Type.Array(
    Type.Object({
      publisher: Type.String(),
      kid: Type.String(),
      until: Type.Integer({ description: "The last place in the log that the key counts for." }),
    }),
    { description: "Keys that publishers revoked." },
  ),
});
export type Revocations = Type.Static<typeof Revocations>;

/**
 * How a blocked version of a private plugin is named in public: whoever has the package knows it by that, and nobody else
 * can tell what it is.
 *
 * @param tarballSha512 lowercase hex
 */
export function withheldName(tarballSha512: string): string {
  return sha256Hex(`blocked:${tarballSha512}`);
}
