import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { RegistryClient } from "@plugboard/registry/client";
import type { JWK } from "jose";
import { JSONFilePreset } from "lowdb/node";
import { Type } from "typebox";
import { Check } from "typebox/value";
import { coreError } from "../../errors.ts";
import { asCoreError } from "./registry-problems.ts";

/**
 * What this host believes about its registry: the keys it met at first contact. They are kept in
 * `<data dir>/trust.json`, so that a registry that is replaced or taken over later does not become trusted by itself.
 */
export interface TrustState {
  /** The public keys whose signatures count. Asks the registry once in the life of a data directory. */
  registryKeys(): Promise<JWK[]>;
}

const neverMet = null;

const PinnedKeys = Type.Array(
  Type.Object({
    kty: Type.Literal("OKP"),
    crv: Type.Literal("Ed25519"),
    x: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }),
  }),
  { minItems: 1 },
);

export function openTrustState(options: {
  dataDir: string;
  registry: Pick<RegistryClient, "getRoot">;
}): TrustState {
  const { dataDir, registry } = options;
  let pinned: Promise<JWK[]> | undefined;

  async function pin(): Promise<JWK[]> {
    await mkdir(dataDir, { recursive: true });
    const file = await JSONFilePreset<{ registryKeys: unknown }>(path.join(dataDir, "trust.json"), {
      registryKeys: neverMet,
    }).catch((cause) => {
      throw unreadable(cause);
    });
    const { registryKeys } = file.data;
    if (registryKeys !== neverMet) {
      // Not asked for anew: whoever can spoil a file must not thereby choose whom this host trusts.
      if (!Check(PinnedKeys, registryKeys)) throw unreadable();
      return registryKeys;
    }
    const { keys } = await registry.getRoot().catch((error) => {
      throw asCoreError(error);
    });
    if (!Check(PinnedKeys, keys))
      throw coreError("release-not-trusted", "The registry names no keys of its own.");
    await file.update((data) => {
      data.registryKeys = keys;
    });
    return keys;
  }

  return {
    registryKeys() {
      pinned ??= pin();
      pinned.catch(() => {
        pinned = undefined;
      });
      return pinned;
    },
  };
}

function unreadable(cause?: unknown) {
  return coreError(
    "release-not-trusted",
    "The registry's keys in trust.json, in this host's data folder, cannot be read. Restore the file from a backup; delete it only to trust whatever keys the registry has now.",
    {},
    { cause },
  );
}
