import type { Delegation, SequencedKey } from "@plugboard/plugin-sdk/trust";
import { thumbprint } from "@plugboard/plugin-sdk/trust";
import { decodeJwt, decodeProtectedHeader } from "jose";
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
  blocked: string[];
}

/**
 * Publishes what a bundle has in a registry of one's own, as the publishers signed it: that registry checks it as it does
 * anything, and its hosts go by its root alone. What the bundle's registry had blocked is blocked here too.
 *
 * @throws what reading the bundle and the client throw
 */
export async function importBundle(bundle: VerifiedBundle, registry: Target): Promise<Imported> {
  const imported: Imported = { published: [], known: [], rejected: [], blocked: [] };
  const ended = new Map<string, string>();
  for await (const { release, signatures, tarball } of bundle.releases()) {
    const { id, version } = release.manifest;
    const publisher = id.slice(0, id.indexOf("/"));
    const kid = decodeProtectedHeader(signatures.publisher).kid ?? "";
    const key = await keyOf(decodeJwt<Delegation>(signatures.delegation), kid);
    const { until, ...publicJwk } = key;
    await registry.adoptPublisherKey(publisher, { key: publicJwk, origin: bundle.origin });
    if (until !== undefined) ended.set(kid, publisher);
    imported[await publish(registry, { statement: signatures.publisher, tarball })].push(`${id}@${version}`);
  }
  // What ended there signs nothing more here either.
  for (const [kid, publisher] of ended) await registry.revokePublisherKey(publisher, kid);
  for (const { plugin, version, reason } of bundle.revocations.blocked) {
    if (await block(registry, plugin, version, reason)) imported.blocked.push(`${plugin}@${version}`);
  }
  return imported;
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
