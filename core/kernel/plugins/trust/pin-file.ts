import { mkdir } from "node:fs/promises";
import path from "node:path";
import { type Root, rootSigners, type SignedRoot, soundKeys, thumbprint } from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";
import { JSONFilePreset } from "lowdb/node";
import { Type } from "typebox";
import { Check } from "typebox/value";
import { coreError } from "../../../errors.ts";
import { KeptState, type RegistryState, toKept, verifyKept } from "./state.ts";

/** Keys that an earlier version pinned: the first root has to be signed by one of them as well. */
export interface EarlierPin {
  keys: JWK[];
}

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
      if (!Check(KeptState, data)) throw unreadable();
      return verifyKept(data).catch((cause) => {
        throw unreadable(cause);
      });
    },
    async write(state) {
      const file = await open();
      const kept = Check(KeptState, file.data)
        ? await verifyKept(file.data).catch(() => undefined)
        : undefined;
      if (kept && kept.root.version >= state.root.version && kept.checkpoint.seq > state.checkpoint.seq)
        return;
      file.data = toKept(state);
      await file.write();
    },
  };
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
