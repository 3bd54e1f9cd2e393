import {
  canonicalJson,
  type Order,
  type OrderAction,
  statementTypes,
  thumbprint,
  verifyWithKey,
} from "@plugboard/plugin-sdk/trust";
import type { JWK } from "jose";
import { admitArrival } from "../arrivals/index.ts";
import { registryError } from "../errors.ts";
import { appendToLog, isLogged, lockLog } from "../log/index.ts";
import type { AdmitSigned, Errand } from "../members/index.ts";
import { ownerOf } from "../private-plugins/index.ts";
import {
  addKey,
  adoptKey,
  checkClaim,
  delegatedKeys,
  isKeyInUse,
  type Publishers,
  retireKey,
  revokeKey,
} from "../publishers/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Trust, verifySigned } from "../trust/index.ts";
import * as queries from "./queries.ts";
import { blockAll, setBlock, setDeprecation, setYanked, type VersionName } from "./standing.ts";

export interface Orders {
  /**
   * Does what a publisher orders, signed with one of its keys, and enters the order in the log.
   *
   * @returns the place in the log
   * @throws `publisher-not-found`, `signature-invalid`, `publisher-key-unknown`, `order-invalid`, `order-replayed`,
   *   `statement-*`, `unauthorized`, `not-a-member`, `forbidden`, `rate-limited`, and what the order itself comes to
   */
  carryOut(
    publisher: string,
    jws: string,
    by: { token: string | undefined; ip: string },
  ): Promise<{ seq: number }>;
  /** In the name of whoever runs the registry. @throws `version-not-found` */
  block(name: VersionName, reason: string): Promise<void>;
  /** @throws `version-not-found` */
  unblock(name: VersionName): Promise<void>;
  /** Gives a publisher that has lost its keys a new one. @throws `publisher-not-found`, `publisher-key-exists`, `claim-invalid` */
  giveKey(publisher: string, o: { key: JWK; claim: string }): Promise<{ kid: string }>;
  /** Takes a publisher's key over from another registry, whose word on it was verified; the publisher too, if it is new here. @throws `publisher-taken`, `publisher-key-revoked` */
  adoptKey(publisher: string, o: AdoptedKey): Promise<void>;
  /** The operator's word is the last, also over what a thief ordered. @throws `publisher-not-found`, `publisher-key-unknown` */
  revokeKey(publisher: string, o: { kid: string; from?: number | undefined }): Promise<void>;
}

export interface AdoptedKey {
  key: JWK;
  origin: string;
  /** It signs nothing more there: nor here. */
  hasEnded?: boolean | undefined;
  /** It signs again although it was revoked here. */
  revives?: boolean | undefined;
}

export function createOrders(options: {
  db: RegistryDatabase;
  publishers: Pick<Publishers, "get" | "keysOf">;
  trust: Pick<Trust, "delegate">;
  admitSigned: AdmitSigned;
  ordersPerHour: number;
  now: () => Date;
}): Orders {
  const { db, publishers, trust, admitSigned, ordersPerHour, now } = options;

  async function redelegate(transaction: RegistryDatabase, publisher: string): Promise<void> {
    const keys = await delegatedKeys(transaction, publisher);
    const verified = (await queries.isVerified(transaction, publisher)) === true;
    await trust.delegate(transaction, { name: publisher, verified, keys });
  }

  async function revoke(
    transaction: RegistryDatabase,
    publisher: string,
    o: { kid: string; until: number; isFinal: boolean },
  ): Promise<void> {
    const { kid } = o;
    const ended = await revokeKey(transaction, { publisher, ...o });
    // Hosts go by the list of what is blocked; they need not know who signed what they run.
    const signed = await queries.listSignedAfter(transaction, { publisher, kid, ...ended });
    await blockAll(transaction, now, signed, "It was signed with a key that its publisher revoked.");
    await redelegate(transaction, publisher);
  }

  async function apply(transaction: RegistryDatabase, publisher: string, action: OrderAction, end: number) {
    switch (action.type) {
      case "add-key":
        await addKey(transaction, {
          publisher,
          key: action.key,
          claim: action.claim,
          by: "order",
          now: now(),
        });
        return redelegate(transaction, publisher);
      case "retire-key":
        await retireKey(transaction, { publisher, kid: action.kid, until: end });
        return redelegate(transaction, publisher);
      case "revoke-key":
        return revoke(transaction, publisher, {
          kid: action.kid,
          until: untilBefore(action.from, end),
          isFinal: false,
        });
      case "yank":
        return setYanked(transaction, action, now());
      case "unyank":
        return setYanked(transaction, action, null);
      case "deprecate": {
        const { message, replacement } = action;
        return setDeprecation(transaction, action, { message, ...(replacement && { replacement }) });
      }
      case "undeprecate":
        return setDeprecation(transaction, action, null);
    }
  }

  return {
    async carryOut(publisher, jws, { token, ip }) {
      await publishers.get(publisher);
      const keys = await publishers.keysOf(publisher);
      const order = await verifySigned<Order>(statementTypes.order, jws, keys);
      checkOrder(order, publisher, now());
      await admitSigned({ publisher, ...errandOf(order.action, publisher) }, token);
      const ration = { kind: "orders", perHour: ordersPerHour, now: now() } as const;
      await admitArrival(db, { ...ration, ip });
      await admitArrival(db, { ...ration, publisher });
      const { kid } = await verifyWithKey(statementTypes.order, jws, keys);
      return db.transaction().execute(async (transaction) => {
        const { seq: end } = await lockLog(transaction);
        // Once more, now that nobody changes it.
        if (!(await isKeyInUse(transaction, publisher, kid))) {
          throw registryError(
            "publisher-key-unknown",
            `The key ${kid} is not one that "${publisher}" signs with.`,
          );
        }
        if (await isLogged(transaction, jws)) {
          throw registryError("order-replayed", "Exactly this order was carried out before.");
        }
        const owner = "plugin" in order.action ? await ownerOf(transaction, order.action.plugin) : null;
        const { seq } = await appendToLog(transaction, now, order.action.type, async () => jws, owner);
        await apply(transaction, publisher, order.action, end);
        return { seq };
      });
    },

    block: (name, reason) =>
      db.transaction().execute((transaction) => setBlock(transaction, now, name, reason)),

    unblock: (name) => db.transaction().execute((transaction) => setBlock(transaction, now, name, null)),

    async giveKey(publisher, { key, claim }) {
      await publishers.get(publisher);
      const kid = await thumbprint(key);
      await db.transaction().execute(async (transaction) => {
        await appendToLog(transaction, now, "add-key", async ({ seq }) =>
          canonicalJson({ by: "operator", publisher, kid, seq }),
        );
        await addKey(transaction, { publisher, key, claim, by: "operator", now: now() });
        await redelegate(transaction, publisher);
      });
      return { kid };
    },

    async adoptKey(publisher, { key, origin, hasEnded, revives }) {
      const kid = await thumbprint(key);
      await db.transaction().execute(async (transaction) => {
        const { seq: end } = await lockLog(transaction);
        const endsAt = hasEnded ? end : undefined;
        if (!(await adoptKey(transaction, { publisher, key, origin, endsAt, revives }))) return;
        await appendToLog(transaction, now, hasEnded ? "retire-key" : "add-key", async ({ seq }) =>
          canonicalJson({ by: "operator", origin, publisher, kid, seq }),
        );
        await redelegate(transaction, publisher);
      });
    },

    async revokeKey(publisher, { kid, from }) {
      await publishers.get(publisher);
      await db.transaction().execute(async (transaction) => {
        const { seq: end } = await lockLog(transaction);
        await appendToLog(transaction, now, "revoke-key", async ({ seq }) =>
          canonicalJson({ by: "operator", publisher, kid, seq, ...(from !== undefined && { from }) }),
        );
        await revoke(transaction, publisher, { kid, until: untilBefore(from, end), isFinal: true });
      });
    },
  };
}

/** Who may change the keys may do everything that is signed: that is for owners. */
function errandOf(action: OrderAction, publisher: string): Omit<Errand, "publisher"> {
  if ("plugin" in action) return { scope: "yank", plugin: action.plugin.slice(publisher.length + 1) };
  return { scope: "members" };
}

/** Nobody can say today what a key will count for tomorrow. */
function untilBefore(from: number | undefined, end: number): number {
  return Math.max(0, Math.min((from ?? end + 1) - 1, end));
}

function checkOrder(order: Order, publisher: string, now: Date): void {
  try {
    checkClaim(order, { publisher, now });
  } catch (cause) {
    throw registryError("order-invalid", cause instanceof Error ? cause.message : "", {}, { cause });
  }
  const { action } = order;
  if ("plugin" in action && !action.plugin.startsWith(`${publisher}/`)) {
    throw registryError("order-invalid", `${action.plugin} is not a plugin of "${publisher}".`);
  }
}
