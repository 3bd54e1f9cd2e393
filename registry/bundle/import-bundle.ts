import type { Delegation, SequencedKey } from "@plugboard/plugin-sdk/trust";
import { thumbprint } from "@plugboard/plugin-sdk/trust";
import { decodeJwt, decodeProtectedHeader, type JWK } from "jose";
import { type RegistryClient, RegistryProblem } from "../client/index.ts";
import type { VerifiedBundle } from "./open-bundle.ts";

type Target = Pick<
  RegistryClient,
  "adoptPublisherKey" | "revokePublisherKey" | "publish" | "waitForPublication" | "blockVersion"
>;

export interface Imported {
  published: string[];
  /** There already. */
  known: string[];
  /** With what the registry's own checks found. */
  rejected: string[];
  /** Signed with a key that was revoked here. */
  revoked: string[];
  blocked: string[];
}

/**
 * Publishes what a bundle has in a registry of one's own, as the publishers signed it: that registry checks it as it does
 * anything, and its hosts go by its root alone. What the bundle's registry had blocked is blocked here too. A key that
 * was revoked here stays so, whatever that registry says of it.
 *
 * @param o.revivesKeys the operator wants keys that were revoked here to sign what the bundle has
 * @throws what reading the bundle and the client throw
 */
export async function importBundle(
  bundle: VerifiedBundle,
  registry: Target,
  { revivesKeys = false }: { revivesKeys?: boolean } = {},
): Promise<Imported> {
  const imported: Imported = { published: [], known: [], rejected: [], revoked: [], blocked: [] };
  const ended = new Map<string, { publisher: string; key: SequencedKey }>();
  try {
    await publishAll(bundle, registry, { imported, ended, revivesKeys });
  } finally {
    // Also where something failed on the way: what ended there signs nothing more here either.
    for (const [kid, { publisher, key }] of ended) {
      const isRevoked = bundle.revocations.keys.some((one) => one.kid === kid && one.publisher === publisher);
      if (isRevoked) await registry.revokePublisherKey(publisher, kid);
      else await registry.adoptPublisherKey(publisher, { key, origin: bundle.origin, hasEnded: true });
    }
  }
  for (const { plugin, version, reason } of bundle.revocations.blocked) {
    if (await block(registry, plugin, version, reason)) imported.blocked.push(`${plugin}@${version}`);
  }
  return imported;
}

async function publishAll(
  bundle: VerifiedBundle,
  registry: Target,
  o: {
    imported: Imported;
    ended: Map<string, { publisher: string; key: SequencedKey }>;
    revivesKeys: boolean;
  },
): Promise<void> {
  const { imported, ended, revivesKeys } = o;
  for await (const { release, signatures, tarball } of bundle.releases()) {
    const { id, version } = release.manifest;
    const publisher = id.slice(0, id.indexOf("/"));
    const kid = decodeProtectedHeader(signatures.publisher).kid ?? "";
    const key = await keyOf(decodeJwt<Delegation>(signatures.delegation), kid);
    const { until, ...publicJwk } = key;
    const adopted = { key: publicJwk, origin: bundle.origin, ...(revivesKeys && { revives: true }) };
    if (!(await adopt(registry, publisher, adopted))) {
      imported.revoked.push(`${id}@${version}`);
      continue;
    }
    if (until !== undefined) ended.set(kid, { publisher, key: publicJwk });
    imported[await publish(registry, { statement: signatures.publisher, tarball })].push(`${id}@${version}`);
  }
}

/** @returns false where the key was revoked here, and is not to be revived */
async function adopt(
  registry: Target,
  publisher: string,
  adopted: { key: JWK; origin: string; revives?: boolean },
): Promise<boolean> {
  try {
    await registry.adoptPublisherKey(publisher, adopted);
    return true;
  } catch (error) {
    if (error instanceof RegistryProblem && error.code === "publisher-key-revoked") return false;
    throw error;
  }
}

async function keyOf({ keys }: Delegation, kid: string): Promise<SequencedKey> {
  for (const key of keys) if ((await thumbprint(key)) === kid) return key;
  throw new Error("A release that verified is signed by a key of its delegation.");
}

async function publish(
  registry: Target,
  upload: { statement: string; tarball: Buffer },
): Promise<"published" | "known" | "rejected"> {
  try {
    const { id } = await registry.publish(upload);
    return (await registry.waitForPublication(id)).status === "published" ? "published" : "rejected";
  } catch (error) {
    if (error instanceof RegistryProblem && error.code === "version-exists") return "known";
    throw error;
  }
}

/** @returns whether the version is here at all */
async function block(registry: Target, plugin: string, version: string, reason: string): Promise<boolean> {
  try {
    await registry.blockVersion(plugin, version, reason);
    return true;
  } catch (error) {
    if (error instanceof RegistryProblem && error.code === "version-not-found") return false;
    throw error;
  }
}
