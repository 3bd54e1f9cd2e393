import { type Delegation, signStatement, statementTypes } from "@plugboard/plugin-sdk/trust";
import type { MasterKey } from "@plugboard/service-kit/crypto";
import type { JWK } from "jose";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import type { Root } from "./schemas.ts";
import { openSigningKey, type SigningKey } from "./signing-key.ts";

/** What the registry signs: everything but what publishers sign. */
export type RegistrySigned = "registry" | "delegation" | "receipt";

export interface Trust {
  /** Opens the signing key, and makes it where there is none yet. */
  open(): Promise<void>;
  /** @returns a compact JWS of the payload under the registry's key in use */
  sign(type: RegistrySigned, payload: object): Promise<string>;
  root(): Promise<Root>;
  /** Says, signed and numbered, that these keys and no others speak for the publisher, and whether it is verified. */
  delegate(
    transaction: RegistryDatabase,
    publisher: { name: string; verified: boolean; keys: JWK[] },
  ): Promise<void>;
  /** The publisher's delegation in force, a compact JWS. */
  delegationOf(publisher: string): Promise<string>;
  /** The number of the next release; holds a lock until the transaction ends. */
  nextReleaseSeq(transaction: RegistryDatabase): Promise<number>;
}

export function createTrust(options: { db: RegistryDatabase; masterKey: MasterKey; now: () => Date }): Trust {
  const { db, masterKey, now } = options;
  let opened: SigningKey | undefined;

  async function signingKey(): Promise<SigningKey> {
    opened ??= await openSigningKey(db, masterKey);
    return opened;
  }

  async function sign(type: RegistrySigned, payload: object): Promise<string> {
    const { privateJwk } = await signingKey();
    return signStatement(statementTypes[type], payload, { privateJwk });
  }

  return {
    sign,
    async open() {
      await signingKey();
    },
    async root() {
      const root = await queries.findLatestRoot(db);
      if (!root) throw new Error("The registry has no root: start() makes it.");
      return { version: root.version, keys: root.keys };
    },
    async delegate(transaction, { name, verified, keys }) {
      const seq = (await queries.findLastDelegationSeq(transaction, name)) + 1;
      const issuedAt = now().toISOString();
      const delegation: Delegation = { publisher: name, keys, verified, seq, issuedAt };
      await queries.insertDelegation(transaction, {
        publisher: name,
        seq,
        jws: await sign("delegation", delegation),
      });
    },
    async delegationOf(publisher) {
      const delegation = await queries.findLatestDelegation(db, publisher);
      if (!delegation)
        throw new Error(`Publisher "${publisher}" has no delegation: registering it makes the first.`);
      return delegation.jws;
    },
    nextReleaseSeq(transaction) {
      return queries.takeNextNumber(transaction, "release");
    },
  };
}
