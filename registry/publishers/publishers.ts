import { activeKeys, type Claim, statementTypes } from "@plugboard/plugin-sdk/trust";
import { calculateJwkThumbprint, type JWK } from "jose";
import { admitArrival } from "../arrivals/index.ts";
import { registryError } from "../errors.ts";
import { lockLog } from "../log/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Trust, verifySigned } from "../trust/index.ts";
import { checkClaim } from "./claim.ts";
import { delegatedKeys } from "./keys.ts";
import * as queries from "./queries.ts";
import { refuseSimilarName } from "./similar-name.ts";

export interface Publisher {
  publisher: string;
  verified: boolean;
  /** RFC 7638 thumbprints of those that it signs with now. */
  keys: string[];
  /** Those that it signs with no more, and up to which place in the log they count. */
  endedKeys: { kid: string; ended: "retired" | "revoked"; until: number }[];
  createdAt: string;
}

export interface Registration {
  publisher: string;
  key: JWK;
  /** Compact JWS of type claim, signed with `key`: who registers a key holds it. */
  claim: string;
}

export interface Publishers {
  /**
   * @param by the address that asks: so many names an hour are let in from one
   * @throws `signature-invalid`, `claim-invalid`, `publisher-taken`, `publisher-name-similar`, `statement-*`, `rate-limited`
   */
  register(registration: Registration, by: { ip: string }): Promise<{ publisher: string; kid: string }>;
  /** As the operator: whoever comes first may take this name, near as it is to a better-known one. */
  admitName(name: string, reason: string): Promise<void>;
  /** @throws `publisher-not-found` */
  get(name: string): Promise<Publisher>;
  /**
   * Vouches for who the publisher is, which every release of it that is fetched from now on says, signed.
   * A publisher that is verified already, or does not exist, stays as it is.
   */
  vouchFor(name: string): Promise<void>;
  /** The same in a transaction, and the other way round; with `isKeyChange`, what is signed is said anew in any case. */
  setVerified(
    transaction: RegistryDatabase,
    name: string,
    verified: boolean,
    o?: { isKeyChange?: boolean },
  ): Promise<void>;
  /** @returns the public keys that the publisher may sign with now; none if there is no such publisher */
  keysOf(name: string): Promise<JWK[]>;
  /** @returns the names of all publishers that registered the key */
  ownersOfKey(kid: string): Promise<string[]>;
}

export function createPublishers(options: {
  db: RegistryDatabase;
  trust: Trust;
  publishersPerHour: number;
  now: () => Date;
}): Publishers {
  const { db, trust, publishersPerHour, now } = options;

  async function setVerified(
    transaction: RegistryDatabase,
    name: string,
    verified: boolean,
    { isKeyChange = false } = {},
  ): Promise<void> {
    // Before its keys are read: one that is added meanwhile must not be missing in what is said of them.
    await lockLog(transaction);
    const isChange = await queries.setVerified(transaction, name, verified);
    if (!isChange && !isKeyChange) return;
    await trust.delegate(transaction, { name, verified, keys: await delegatedKeys(transaction, name) });
  }

  return {
    async register({ publisher, key, claim }, { ip }) {
      await admitArrival(db, { kind: "publishers", ip, perHour: publishersPerHour, now: now() });
      checkClaim(await verifySigned<Claim>(statementTypes.claim, claim, [key]), { publisher, now: now() });
      await refuseSimilarName(db, publisher);
      const kid = await calculateJwkThumbprint(key);
      await db.transaction().execute(async (transaction) => {
        if (!(await queries.insertPublisher(transaction, publisher))) {
          throw registryError("publisher-taken", `The name "${publisher}" belongs to a publisher already.`);
        }
        await queries.insertKey(transaction, { publisher, kid, public_jwk: JSON.stringify(key) });
        await trust.delegate(transaction, { name: publisher, verified: false, keys: [key] });
      });
      return { publisher, kid };
    },
    async admitName(name, reason) {
      await queries.admitName(db, { name, reason, at: now() });
    },
    async get(name) {
      const row = await queries.findPublisher(db, name);
      if (!row) throw registryError("publisher-not-found", `No publisher "${name}" is registered.`);
      const all = await queries.listKeys(db, name);
      const keys = all.filter(({ ended }) => ended === null).map(({ kid }) => kid);
      const endedKeys = all.flatMap(({ kid, ended, until_seq }) =>
        ended === null ? [] : [{ kid, ended, until: until_seq ?? 0 }],
      );
      const createdAt = row.created_at.toISOString();
      return { publisher: row.name, verified: row.verified, keys, endedKeys, createdAt };
    },
    vouchFor: (name) => db.transaction().execute((transaction) => setVerified(transaction, name, true)),
    setVerified,
    async keysOf(name) {
      return activeKeys(await delegatedKeys(db, name));
    },
    async ownersOfKey(kid) {
      return (await queries.listPublishersOfKey(db, kid)).map(({ publisher }) => publisher);
    },
  };
}
