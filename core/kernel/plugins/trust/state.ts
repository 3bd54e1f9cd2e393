import {
  type Checkpoint,
  canonicalJson,
  type Root,
  type SignedRoot,
  sha256Hex,
  soundKeys,
  statementTypes,
  verifyRoot,
  verifySequenced,
} from "@plugboard/plugin-sdk/trust";
import { Revocations } from "@plugboard/registry/client";
import { type Static, Type } from "typebox";

/** What this host believes of its registry, verified. */
export interface RegistryState {
  root: Root;
  signedRoot: SignedRoot;
  checkpoint: Checkpoint;
  signedCheckpoint: string;
  /** Of the key that signed the checkpoint. */
  checkpointKid: string;
  revocations: Revocations;
}

/** A root as a file or an answer holds it. */
export const SignedRootFile = Type.Object({
  signatures: Type.Array(Type.String(), { minItems: 1, maxItems: 60 }),
});

/** How a state is kept: signed as it came, so that it is verified again wherever it is read. */
export const KeptState = Type.Object({
  root: SignedRootFile,
  checkpoint: Type.String(),
  revocations: Revocations,
});
export type KeptState = Static<typeof KeptState>;

export function toKept({ signedRoot, signedCheckpoint, revocations }: RegistryState): KeptState {
  return { root: signedRoot, checkpoint: signedCheckpoint, revocations };
}

/** @throws TrustError when it is not what somebody signed */
export async function verifyKept(kept: KeptState): Promise<RegistryState> {
  const root = await verifyRoot(kept.root);
  const { payload: checkpoint, kid } = await verifyCheckpoint(kept.checkpoint, root);
  if (!isOf(kept.revocations, checkpoint)) throw new TypeError("These are not the checkpoint's revocations.");
  return {
    root,
    signedRoot: kept.root,
    checkpoint,
    signedCheckpoint: kept.checkpoint,
    checkpointKid: kid,
    revocations: kept.revocations,
  };
}

/** @throws TrustError */
export function verifyCheckpoint(jws: string, root: Root) {
  return verifySequenced<Checkpoint>(statementTypes.checkpoint, jws, soundKeys(root.onlineKeys));
}

/** Whether the list is the one that the checkpoint names. */
export function isOf(revocations: Revocations, checkpoint: Checkpoint): boolean {
  return sha256Hex(canonicalJson(revocations)) === checkpoint.revocationsHash;
}
