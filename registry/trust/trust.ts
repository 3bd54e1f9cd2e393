import {
  type Delegation,
  isOutlived,
  type Root,
  type SequencedKey,
  type SignedRoot,
  statementTypes,
} from "@plugboard/plugin-sdk/trust";
import type { MasterKey } from "@plugboard/service-kit/crypto";
import type { JWK } from "jose";
import { registryError } from "../errors.ts";
import { appendToLog } from "../log/index.ts";
import { updateRecordsOf } from "../plugin-index/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import { rewrapKeys } from "./rewrap-keys.ts";
import { currentRoot, makeFirstRoot, publishRoot, renewRoot, rotateOnlineKey } from "./roots.ts";
import { makeSealedKey } from "./sealed-keys.ts";
import { createSigner } from "./signer.ts";

/** What the registry signs: everything but what publishers sign. */
export type RegistrySigned = "registry" | "delegation" | "receipt" | "checkpoint" | "entitlement";

export interface Trust {
  /** Makes root and keys where there are none yet, and sees that this process can sign. */
  open(): Promise<void>;
  /** @returns a compact JWS of the payload under the online key in use */
  sign(db: RegistryDatabase, type: RegistrySigned, payload: object): Promise<string>;
  /** Whether the key that signed it does not count for it any more, so that it has to be signed anew. */
  isOutlived(jws: string): Promise<boolean>;
  /** The root in force. */
  root(on?: RegistryDatabase): Promise<{ root: Root; signed: SignedRoot }>;
  /** @throws `root-not-found` */
  signedRoot(version: number): Promise<SignedRoot>;
  /** Takes the next root, signed with root keys that are kept elsewhere. @throws `root-refused` */
  publishRoot(signed: SignedRoot): Promise<Root>;
  /**
   * Makes an online key for the next root to name; it signs from then on.
   *
   * @returns its public half
   */
  makeOnlineKey(): Promise<JWK>;
  /**
   * Puts a new online key in the place of those in use, which count for what they signed until then.
   *
   * @param o.stolen the old ones are believed only where another key says so
   * @param o.until the last place in the log that they count for; by default the last there is
   * @throws `root-keys-offline`
   */
  rotateOnlineKey(o: { stolen: boolean; until?: number | undefined }): Promise<Root>;
  /** Gives the root more time before it runs out, where this registry keeps its root keys itself. */
  renewRoot(): Promise<boolean>;
  /**
   * Says, signed and numbered, that these keys and no others speak for the publisher, and whether it is verified.
   * Holds the log until the transaction ends.
   */
  delegate(
    transaction: RegistryDatabase,
    publisher: { name: string; verified: boolean; keys: SequencedKey[] },
  ): Promise<void>;
}

export function createTrust(options: { db: RegistryDatabase; masterKey: MasterKey; now: () => Date }): Trust {
  const { db, masterKey, now } = options;
  const signer = createSigner({ masterKey, rootOf: currentRoot });
  const sign: Trust["sign"] = (on, type, payload) => signer(on, statementTypes[type], payload);

  return {
    sign,
    async open() {
      await rewrapKeys(options);
      await makeFirstRoot(options);
      // A registry that stood still for long must not begin with a root that nobody takes any more.
      await renewRoot(options);
      await sign(db, "checkpoint", {});
    },
    async isOutlived(jws) {
      const { root } = await currentRoot(db);
      return isOutlived(jws, root.onlineKeys);
    },
    root: (on = db) => currentRoot(on),
    async signedRoot(version) {
      const signatures = await queries.findRootSignatures(db, version);
      if (!signatures) throw registryError("root-not-found", `There is no root ${version}.`);
      return { signatures };
    },
    publishRoot: (signed) =>
      db
        .transaction()
        .execute((transaction) => publishRoot(transaction, { masterKey, now }, signed, { addOwn: true })),
    async makeOnlineKey() {
      const { row, publicJwk } = await makeSealedKey(masterKey, "registry-signing-key");
      await queries.insertSigningKey(db, row);
      return publicJwk;
    },
    rotateOnlineKey: (o) =>
      db.transaction().execute((transaction) => rotateOnlineKey(transaction, { masterKey, now }, o)),
    renewRoot: () => renewRoot(options),
    async delegate(transaction, { name, verified, keys }) {
      await appendToLog(transaction, now, "delegation", async ({ seq, at }) => {
        const delegation: Delegation = { publisher: name, keys, verified, seq, issuedAt: at };
        const jws = await sign(transaction, "delegation", delegation);
        await queries.insertDelegation(transaction, { publisher: name, seq, jws });
        return jws;
      });
      await updateRecordsOf(transaction, name);
    },
  };
}
