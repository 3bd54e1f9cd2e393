import { activeKeys, type Claim, statementTypes } from "@plugboard/plugin-sdk/trust";
import { calculateJwkThumbprint, type JWK } from "jose";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Trust, verifySigned } from "../trust/index.ts";
import { checkClaim } from "./claim.ts";
import { delegatedKeys } from "./keys.ts";
import * as queries from "./queries.ts";

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
  /** @throws `signature-invalid`, `claim-invalid`, `publisher-taken`, `statement-*` */
  register(registration: Registration): Promise<{ publisher: string; kid: string }>;
  /** @throws `publisher-not-found` */
  get(name: string): Promise<Publisher>;
  /**
   * Vouches for who the publisher is, which every release of it that is fetched from now on says, signed.
   * A publisher that is verified already, or does not exist, stays as it is.
   */
  vouchFor(name: string): Promise<void>;
  /** @returns the public keys that the publisher may sign with now; none if there is no such publisher */
  keysOf(name: string): Promise<JWK[]>;
  /** @returns the names of all publishers that registered the key */
  ownersOfKey(kid: string): Promise<string[]>;
}

export function createPublishers(options: {
  db: RegistryDatabase;
  trust: Trust;
  now: () => Date;
}): Publishers {
  const { db, trust, now } = options;
  return {
    async register({ publisher, key, claim }) {
      checkClaim(await verifySigned<Claim>(statementTypes.claim, claim, [key]), { publisher, now: now() });
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
    async vouchFor(name) {
      await db.transaction().execute(async (transaction) => {
        if (!(await queries.markVerified(transaction, name))) return;
        await trust.delegate(transaction, {
          name,
          verified: true,
          keys: await delegatedKeys(transaction, name),
        });
      });
    },
    async keysOf(name) {
      return activeKeys(await delegatedKeys(db, name));
    },
    async ownersOfKey(kid) {
      return (await queries.listPublishersOfKey(db, kid)).map(({ publisher }) => publisher);
    },
  };
}
