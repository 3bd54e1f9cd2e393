import { createHash } from "node:crypto";
import { type PluginPackage, readPackage } from "@plugboard/plugin-sdk/package";
import {
  type Delegation,
  type PublisherStatement,
  type RegistryStatement,
  statementTypes,
  verifyStatement,
} from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";
import { compareStatement } from "./compare-statement.ts";
import { ReleaseError, type ReleasePart } from "./errors.ts";

export interface ReleaseToVerify {
  tarball: Buffer;
  /** Compact JWS. */
  signatures: { publisher: string; registry: string; delegation: string };
  trust: {
    /** The public keys of the root that this host trusts. */
    registryKeys: JWK[];
  };
  /** What was asked for. A release may be genuine and yet another one. */
  expected?: { id: string; version: string; sha512?: string };
}

/** A package that verified, and what the registry says of its publisher. */
export interface VerifiedRelease extends PluginPackage {
  /** The registry's operator vouches for who the publisher is; as signed when the release was fetched. */
  publisherVerified: boolean;
}

/**
 * The one check of a release, the same at install and at every load: the registry signed it and delegated to its
 * publisher, the publisher signed what the registry names, and that is what the tarball is, to the last file.
 *
 * @returns the package, read from the bytes that were verified
 * @throws ReleaseError with the part that does not hold
 */
export async function verifyRelease(release: ReleaseToVerify): Promise<VerifiedRelease> {
  const { tarball, signatures, trust } = release;
  const registry = await verified<RegistryStatement>("registry", signatures.registry, trust.registryKeys);
  const delegation = await verified<Delegation>("delegation", signatures.delegation, trust.registryKeys);
  requireDelegationFor(registry.id, delegation);
  const publisher = await verified<PublisherStatement>("publisher", signatures.publisher, delegation.keys);
  requireBoundTogether(registry, publisher, signatures.publisher);
  requireExpected(publisher, release.expected);
  requireSameBytes(publisher, tarball);
  const content = await readVerifiedPackage(publisher, tarball);
  return { ...content, publisherVerified: delegation.verified === true };
}

const parts = {
  registry: "registry-signature",
  delegation: "delegation",
  publisher: "publisher-signature",
} as const satisfies Record<string, ReleasePart>;

async function verified<T>(type: keyof typeof parts, jws: string, keys: JWK[]): Promise<T> {
  try {
    return await verifyStatement<T>(statementTypes[type], jws, keys);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new ReleaseError(parts[type], `The ${type} statement does not verify: ${why}`, { cause });
  }
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
