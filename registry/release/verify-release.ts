import { createHash } from "node:crypto";
import { type PluginPackage, readPackage } from "@plugboard/plugin-sdk/package";
import {
  type Checkpoint,
  type Delegation,
  type OnlineKey,
  type PublisherStatement,
  type RegistryStatement,
  requireCounts,
  type SequencedKey,
  sha256Hex,
  soundKeys,
  statementTypes,
  verifySequenced,
  verifyWithKey,
} from "@plugboard/plugin-sdk/trust";
import { type IndexProof, verifyIndexProof } from "../transparency/index.ts";
import { compareStatement } from "./compare-statement.ts";
import { ReleaseError, type ReleasePart } from "./errors.ts";

export interface ReleaseToVerify {
  tarball: Buffer;
  /** Compact JWS, and the proof that they are what the registry goes by. */
  signatures: { publisher: string; registry: string; delegation: string; proof: IndexProof };
  trust: {
    /** Of the root that this host trusts. */
    onlineKeys: OnlineKey[];
  };
  /** What was asked for. A release may be genuine and yet another one. */
  expected?: { id: string; version: string; sha512?: string };
}

/** A package that verified, and what the registry says of its publisher. */
export interface VerifiedRelease extends PluginPackage {
  /** The registry's operator vouches for who the publisher is; as signed when the release was fetched. */
  publisherVerified: boolean;
  /** Its place in the registry's log. */
  seq: number;
  /** What it was held against: the state of the registry when the signatures were fetched. */
  checkpoint: Checkpoint;
}

/**
 * The one check of a release, the same at install and at every load: the registry signed it and delegated to its
 * publisher, both stand in the index of a checkpoint, the publisher signed what the registry names with a key that
 * counts for this place in the log, and that is what the tarball is, to the last file.
 *
 * How recent the checkpoint is, is for the caller to judge.
 *
 * @returns the package, read from the bytes that were verified
 * @throws ReleaseError with the part that does not hold
 */
export async function verifyRelease(release: ReleaseToVerify): Promise<VerifiedRelease> {
  const { tarball, signatures, trust } = release;
  // A stolen key's word counts here, since the index of a sound one has to say the same.
  const registry = await verified<RegistryStatement>("registry", signatures.registry, trust.onlineKeys);
  const delegation = await verified<Delegation>("delegation", signatures.delegation, trust.onlineKeys);
  requireDelegationFor(registry.id, delegation);
  const { checkpoint, isPrivate } = await requireInIndex(signatures, registry, trust.onlineKeys);
  const publisher = await verifiedPublisher(signatures.publisher, delegation.keys, registry.seq);
  requireBoundTogether(registry, publisher, signatures.publisher);
  requireExpected(publisher, release.expected);
  requireSameBytes(publisher, tarball);
  const content = await readVerifiedPackage(publisher, tarball);
  requireVisibility(content.manifest, isPrivate);
  return { ...content, publisherVerified: delegation.verified === true, seq: registry.seq, checkpoint };
}

const parts = {
  registry: "registry-signature",
  delegation: "delegation",
  publisher: "publisher-signature",
} as const satisfies Record<string, ReleasePart>;

async function verified<T extends { seq: number }>(
  type: "registry" | "delegation",
  jws: string,
  keys: SequencedKey[],
): Promise<T> {
  return orRefuse(parts[type], type, async () => {
    return (await verifySequenced<T>(statementTypes[type], jws, keys)).payload;
  });
}

/** A publisher's statement has no place of its own: it is held against that of the release. */
async function verifiedPublisher(
  jws: string,
  keys: SequencedKey[],
  seq: number,
): Promise<PublisherStatement> {
  return orRefuse(parts.publisher, "publisher", async () => {
    const found = await verifyWithKey<PublisherStatement, SequencedKey>(statementTypes.publisher, jws, keys);
    requireCounts(found.key, found.kid, seq);
    return found.payload;
  });
}

async function orRefuse<T>(part: ReleasePart, what: string, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError(part, `The ${what} statement does not verify: ${why}`, { cause });
  }
}

/** Good parts of different times do not make a release: the index says which belong together, and what became of it. */
async function requireInIndex(
  signatures: ReleaseToVerify["signatures"],
  { id, version }: RegistryStatement,
  onlineKeys: OnlineKey[],
): Promise<{ checkpoint: Checkpoint; isPrivate: boolean }> {
  const { proof } = signatures;
  const { checkpoint, record } = await orRefuse("index", "checkpoint", async () => {
    const jws = proof?.checkpoint;
    const { payload } = await verifySequenced<Checkpoint>(
      statementTypes.checkpoint,
      jws,
      soundKeys(onlineKeys),
    );
    return { checkpoint: payload, record: verifyIndexProof(proof, id, payload) };
  });
  const listed = record.versions.find((one) => one.version === version);
  if (listed?.statement !== sha256Hex(signatures.registry)) {
    throw new ReleaseError("index", `The registry's index has another ${id} ${version}, or none.`);
  }
  if (record.delegation !== sha256Hex(signatures.delegation)) {
    throw new ReleaseError("index", `The delegation is not the one that the registry's index has for ${id}.`);
  }
  if (listed.blocked) throw new ReleaseError("blocked", listed.blocked.reason);
  return { checkpoint, isPrivate: record.salt !== undefined };
}

/**
 * A plugin has one leaf in the index: that of its name, or, if its publisher signed that it is private, a salted one. A
 * registry that could choose would have two records of one plugin under the same checkpoint.
 */
function requireVisibility(manifest: { id: string; private?: true }, isPrivate: boolean): void {
  if ((manifest.private === true) === isPrivate) return;
  const [said, held] = isPrivate ? ["public", "a private"] : ["private", "a public"];
  throw new ReleaseError(
    "index",
    `${manifest.id} is ${said}, and the registry's index has it as ${held} one.`,
  );
}

function requireDelegationFor(id: string, delegation: Delegation): void {
  const [publisher] = id.split("/");
  if (delegation.publisher === publisher) return;
  const detail = `The delegation is for publisher "${delegation.publisher}", the release is ${id}.`;
  throw new ReleaseError("delegation", detail);
}

function requireBoundTogether(
  registry: RegistryStatement,
  publisher: PublisherStatement,
  publisherJws: string,
): void {
  if (registry.publisherJwsSha256 !== digest("sha256", publisherJws)) {
    throw new ReleaseError(
      "publisher-signature",
      "The registry vouched for another statement of the publisher.",
    );
  }
  if (registry.id !== publisher.id || registry.version !== publisher.version) {
    const detail = `The registry signed ${registry.id} ${registry.version}, the publisher ${publisher.id} ${publisher.version}.`;
    throw new ReleaseError("identity", detail);
  }
}

function requireExpected(publisher: PublisherStatement, expected: ReleaseToVerify["expected"]): void {
  if (!expected) return;
  const { id, version, sha512 } = expected;
  if (publisher.id !== id || publisher.version !== version) {
    const detail = `Asked for ${id} ${version}, this is ${publisher.id} ${publisher.version}.`;
    throw new ReleaseError("identity", detail);
  }
  if (sha512 !== undefined && publisher.sha512 !== sha512) {
    throw new ReleaseError("identity", `This is another tarball of ${id} ${version} than the one asked for.`);
  }
}

/** Before anything is unpacked: bytes that nobody signed are not worth a decompression. */
function requireSameBytes(publisher: PublisherStatement, tarball: Buffer): void {
  if (tarball.length !== publisher.size || digest("sha512", tarball) !== publisher.sha512) {
    throw new ReleaseError(
      "tarball",
      `The tarball is not the one that the publisher of ${publisher.id} signed.`,
    );
  }
}

async function readVerifiedPackage(publisher: PublisherStatement, tarball: Buffer): Promise<PluginPackage> {
  const read = await readPackage(tarball).catch((cause: Error) => {
    throw new ReleaseError("tarball", `The package cannot be read: ${cause.message}`, { cause });
  });
  const problems = compareStatement(publisher, read.statement);
  if (problems.length === 0) return read;
  const differing = problems.map(({ pointer, message }) => `${pointer}: ${message}`).join(" ");
  throw new ReleaseError("tarball", `The tarball is not what the publisher's statement says. ${differing}`);
}

function digest(algorithm: "sha256" | "sha512", data: string | Buffer): string {
  return createHash(algorithm).update(data).digest("hex");
}
