import { mkdir } from "node:fs/promises";
import path from "node:path";
import type { RegistryClient } from "@plugboard/registry/client";
import type { JWK } from "jose";
import { JSONFilePreset } from "lowdb/node";
import { asCoreError } from "./registry-problems.ts";

/**
 * What this host believes about its registry: the keys it met at first contact. They are kept in
 * `<data dir>/trust.json`, so that a registry that is replaced or taken over later does not become trusted by itself.
 */
export interface TrustState {
  /** The public keys whose signatures count. Asks the registry once in the life of a data directory. */
  registryKeys(): Promise<JWK[]>;
}

export function openTrustState(options: {
  dataDir: string;
  registry: Pick<RegistryClient, "getRoot">;
}): TrustState {
  const { dataDir, registry } = options;
  let pinned: Promise<JWK[]> | undefined;

  async function pin(): Promise<JWK[]> {
    await mkdir(dataDir, { recursive: true });
    const file = await JSONFilePreset<{ registryKeys: JWK[] }>(path.join(dataDir, "trust.json"), {
      registryKeys: [],
    });
    if (file.data.registryKeys.length === 0) {
      const root = await registry.getRoot().catch((error) => {
        throw asCoreError(error);
      });
      await file.update((data) => {
        data.registryKeys = root.keys;
      });
    }
    return file.data.registryKeys;
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
