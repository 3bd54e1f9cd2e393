import {
  activeKeys,
  type Root,
  type StatementType,
  signStatement,
  thumbprint,
} from "@plugboard/plugin-sdk/trust";
import type { MasterKey } from "@plugboard/service-kit/crypto";
import type { JWK } from "jose";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import { openSealedKey, SigningKeyError } from "./sealed-keys.ts";

export type Signer = (db: RegistryDatabase, type: StatementType, payload: object) => Promise<string>;

/** Signs with the newest online key that the root in force names, whichever process put it there. */
export function createSigner(options: {
  masterKey: MasterKey;
  rootOf: (db: RegistryDatabase) => Promise<{ root: Root }>;
}): Signer {
  const { masterKey, rootOf } = options;
  let opened: { rootVersion: number; privateJwk: JWK } | undefined;

  return async function sign(db, type, payload) {
    const rootVersion = await queries.findLatestRootVersion(db);
    if (opened?.rootVersion !== rootVersion) {
      const { root } = await rootOf(db);
      opened = { rootVersion: root.version, privateJwk: await openKeyInUse(db, masterKey, root) };
    }
    return signStatement(type, payload, opened);
  };
}

/** @throws SigningKeyError when the key was sealed under another master key, or is not here */
export async function openKeyInUse(db: RegistryDatabase, masterKey: MasterKey, root: Root): Promise<JWK> {
  const held = await queries.listSigningKeys(db);
  for (const key of activeKeys(root.onlineKeys).toReversed()) {
    const kid = await thumbprint(key);
    const row = held.find((one) => one.kid === kid);
    if (row) return openSealedKey(masterKey, "registry-signing-key", row);
  }
  throw new SigningKeyError(
    "The registry has a root but no signing key that is in use. Restore its database from a backup.",
  );
}
