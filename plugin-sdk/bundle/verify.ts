import { createHash } from "node:crypto";
import {
  activeKeys,
  type Checkpoint,
  canonicalJson,
  type Delegation,
  type PublisherStatement,
  type RegistryStatement,
  type Root,
  type SequencedKey,
  type SignedRoot,
  sha256Hex,
  soundKeys,
  statementTypes,
  verifyRoot,
  verifySequenced,
  verifyWithKey,
} from "../trust/index.ts";
import { BundleError } from "./errors.ts";
import type { BundledName, ReleaseStatements } from "./source.ts";

/**
 * The newest of the roots, each signed by the one before it.
 *
 * @param roots from root 1 on
 * @throws TrustError when one does not follow from the other
 */
export async function lastRoot(roots: SignedRoot[]): Promise<Root> {
  let root: Root | undefined;
  for (const signed of roots) root = root ? await verifyRoot(signed, root) : await verifyRoot(signed);
  if (root) return root;
  throw new BundleError("The registry has no root.");
}

/** @throws TrustError, BundleError unless the root's keys signed the checkpoint, and it names these revocations */
export async function verifyHead(
  root: Root,
  { checkpoint, revocations }: { checkpoint: string; revocations: object },
): Promise<Checkpoint> {
  const keys = activeKeys(soundKeys(root.onlineKeys));
  const { payload } = await verifySequenced<Checkpoint>(statementTypes.checkpoint, checkpoint, keys);
  if (sha256Hex(canonicalJson(revocations)) !== payload.revocationsHash)
    throw new BundleError("The registry's revocations are not those that its checkpoint names.");
  return payload;
}

/**
 * Holds a tarball against its statements, so that what was changed or cut on the way is not carried to where nobody can
 * fetch it again. The proof from the index, and how recent all is, are for whoever imports the bundle.
 *
 * @throws TrustError, BundleError
 */
export async function verifyContents(
  root: Root,
  { plugin, version }: BundledName,
  { statements, tarball }: { statements: ReleaseStatements; tarball: Buffer },
): Promise<void> {
  const { payload: registry } = await verifySequenced<RegistryStatement>(
    statementTypes.registry,
    statements.registry,
    root.onlineKeys,
  );
  const { payload: delegation } = await verifySequenced<Delegation>(
    statementTypes.delegation,
    statements.delegation,
    root.onlineKeys,
  );
  const { payload: publisher } = await verifyWithKey<PublisherStatement, SequencedKey>(
    statementTypes.publisher,
    statements.publisher,
    delegation.keys,
  );
  const holds =
    registry.publisherJwsSha256 === sha256Hex(statements.publisher) &&
    [registry, publisher].every((said) => said.id === plugin && said.version === version) &&
    plugin.startsWith(`${delegation.publisher}/`) &&
    publisher.sha512 === createHash("sha512").update(tarball).digest("hex");
  if (!holds)
    throw new BundleError(`${plugin} ${version} is not what its publisher and the registry signed.`);
}
