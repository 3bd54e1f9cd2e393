import { mkdir } from "node:fs/promises";
import path from "node:path";
import {
  type Checkpoint,
  canonicalJson,
  type Root,
  rootSigners,
  type SignedRoot,
  sha256Hex,
  soundKeys,
  statementTypes,
  thumbprint,
  verifyRoot,
  verifySequenced,
} from "@plugboard/plugin-sdk/trust";
import { Revocations } from "@plugboard/registry/client";
import type { JWK } from "jose";
import { JSONFilePreset } from "lowdb/node";
import { type Static, Type } from "typebox";
import { Check } from "typebox/value";
import { coreError } from "../../../errors.ts";

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

/** Keys that an earlier version pinned: the next root has to be signed by one of them as well. */
export interface EarlierPin {
  keys: JWK[];
}

const File = Type.Object({
  root: Type.Object({ signatures: Type.Array(Type.String(), { minItems: 1, maxItems: 60 }) }),
  checkpoint: Type.String(),
  revocations: Revocations,
});

const EarlierFile = Type.Object({
  registryKeys: Type.Array(
    Type.Object({
      kty: Type.Literal("OKP"),
      crv: Type.Literal("Ed25519"),
      x: Type.String({ pattern: "^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]$" }),
    }),
    { minItems: 1 },
  ),
});

/** `trust.json` of the data folder: root, highest checkpoint, and what was revoked by then. */
export interface PinFile {
  /** @returns undefined if this host has not met its registry yet */
  read(): Promise<RegistryState | EarlierPin | undefined>;
  /** Writes unless the file is further already: hosts may share a data folder. */
  write(state: RegistryState): Promise<void>;
}

export function openPinFile(dataDir: string): PinFile {
  async function open() {
    await mkdir(dataDir, { recursive: true });
    return JSONFilePreset<unknown>(path.join(dataDir, "trust.json"), null).catch((cause) => {
      throw unreadable(cause);
    });
  }

  return {
    async read() {
      const { data } = await open();
      // A file that is there and says nothing is not asked for anew: whoever can spoil it must not thereby choose
      // whom this host trusts.
      if (data === null) return undefined;
      if (Check(EarlierFile, data)) return { keys: data.registryKeys };
      if (!Check(File, data)) throw unreadable();
      return verifyFile(data).catch((cause) => {
        throw unreadable(cause);
      });
    },
    async write({ signedRoot, signedCheckpoint, revocations, root, checkpoint }) {
      const file = await open();
      const kept = Check(File, file.data) ? await verifyFile(file.data).catch(() => undefined) : undefined;
      if (kept && kept.root.version >= root.version && kept.checkpoint.seq > checkpoint.seq) return;
      file.data = { root: signedRoot, checkpoint: signedCheckpoint, revocations };
      await file.write();
    },
  };
}

async function verifyFile(file: Static<typeof File>): Promise<RegistryState> {
  const root = await verifyRoot(file.root);
  const { payload: checkpoint, kid } = await verifyCheckpoint(file.checkpoint, root);
  requireRevocations(file.revocations, checkpoint);
  return {
    root,
    signedRoot: file.root,
    checkpoint,
    signedCheckpoint: file.checkpoint,
    checkpointKid: kid,
    revocations: file.revocations,
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

function requireRevocations(revocations: Revocations, checkpoint: Checkpoint): void {
  if (!isOf(revocations, checkpoint)) throw unreadable();
}

/** Whether one of the keys that were pinned earlier stands behind the root: it signed it, and the root still names it. */
export async function standsBehind({ keys }: EarlierPin, signed: SignedRoot, root: Root): Promise<boolean> {
  const named = await Promise.all(soundKeys(root.onlineKeys).map(thumbprint));
  return [...(await rootSigners(signed, keys))].some((kid) => named.includes(kid));
}

function unreadable(cause?: unknown) {
  return coreError(
    "release-not-trusted",
    "What this host knows of its registry, in trust.json of its data folder, cannot be read. Restore the file from a backup; delete it only to trust whatever root the registry has now.",
    {},
    { cause },
  );
}
