import { canonicalJson, thumbprint } from "@plugboard/plugin-sdk/trust";
import { newId } from "@plugboard/service-kit/crypto";
import type { JWK } from "jose";
import type { AccountIdentity, Accounts } from "../accounts/index.ts";
import { registryError } from "../errors.ts";
import { appendToLog, lockLog } from "../log/index.ts";
import { endLinks } from "../private-plugins/index.ts";
import { addKey, type Publishers, retireAllKeys } from "../publishers/index.ts";
import type { RegistryDatabase, TransferStatus } from "../tables.ts";
import { admit, requireScope } from "./admission.ts";
import { audit } from "./audit.ts";
import * as queries from "./queries.ts";

/** A publisher that its owner offers to another account. */
export interface Transfer {
  id: string;
  publisher: string;
  from: string;
  to: string;
  status: TransferStatus;
  createdAt: string;
  expiresAt: string;
}

export interface Transfers {
  /** @throws `not-a-member`, `forbidden`, `account-not-found`, `transfer-open` */
  offer(publisher: string, by: AccountIdentity, to: string): Promise<Transfer>;
  /** Offers to the account, and by it, that wait for an answer. */
  list(by: AccountIdentity): Promise<Transfer[]>;
  /**
   * Takes the publisher over: with a key of the new owner's, while all keys before sign no more (what they signed stays
   * good). The new owner is the only member; the badge goes, since the operator vouched for somebody else.
   *
   * @throws `transfer-not-found`, `claim-invalid`, `publisher-key-exists`, `signature-invalid`, `statement-*`
   */
  accept(id: string, by: AccountIdentity, o: { key: JWK; claim: string }): Promise<Transfer>;
  /** Says no to an offer, or takes one's own back. @throws `transfer-not-found` */
  decline(id: string, by: AccountIdentity): Promise<Transfer>;
}

const openForMs = 7 * 24 * 60 * 60 * 1000;

export function createTransfers(options: {
  db: RegistryDatabase;
  accounts: Pick<Accounts, "get">;
  publishers: Pick<Publishers, "setVerified">;
  now: () => Date;
}): Transfers {
  const { db, accounts, publishers, now } = options;

  /** To whom it does not concern, an offer is not there. */
  async function lockOpen(
    transaction: RegistryDatabase,
    id: string,
    isConcerned: (row: queries.TransferRow) => boolean,
  ) {
    const row = await queries.lockTransfer(transaction, id);
    if (row?.status === "offered" && row.expires_at > now() && isConcerned(row)) return row;
    throw registryError("transfer-not-found", `No offer "${id}" waits for an answer of this account.`);
  }

  return {
    async offer(publisher, by, to) {
      await admit(db, by, { publisher, scope: "members" });
      await accounts.get(to);
      const row = await db.transaction().execute(async (transaction) => {
        const at = now();
        await queries.lockPublisher(transaction, publisher);
        await admit(transaction, by, { publisher, scope: "members" });
        await queries.withdrawExpired(transaction, publisher, at);
        const inserted = await queries.insertTransfer(transaction, {
          id: newId("tra"),
          publisher,
          from_account: by.accountId,
          to_account: to,
          created_at: at,
          expires_at: new Date(at.getTime() + openForMs),
        });
        if (!inserted) throw registryError("transfer-open", `"${publisher}" is offered to somebody already.`);
        await audit(transaction, {
          publisher,
          actor: by.accountId,
          action: "transfer-offered",
          details: { to },
          at,
        });
        return inserted;
      });
      return toTransfer(row);
    },

    async list(by) {
      return (await queries.listOpenTransfers(db, by.accountId)).map(toTransfer);
    },

    async accept(id, by, { key, claim }) {
      requireScope(by, { scope: "members" });
      const kid = await thumbprint(key);
      const row = await db.transaction().execute(async (transaction) => {
        const { publisher, from_account: from } = await lockOpen(
          transaction,
          id,
          ({ to_account }) => to_account === by.accountId,
        );
        // The log first, as whoever else holds both: an order that holds it may wait for the publisher's row.
        const { seq: until } = await lockLog(transaction);
        await queries.lockPublisher(transaction, publisher);
        const at = now();
        // Whoever offered it may have been put out since.
        if ((await queries.findRole(transaction, publisher, from)) !== "owner") {
          throw registryError("transfer-not-found", "Whoever offered it is no owner any more.");
        }
        await appendToLog(transaction, now, "add-key", async ({ seq }) =>
          canonicalJson({ by: "transfer", publisher, kid, seq }),
        );
        await addKey(transaction, { publisher, key, claim, by: "transfer", now: at });
        await retireAllKeys(transaction, { publisher, except: kid, until });
        await publishers.setVerified(transaction, publisher, false, { isKeyChange: true });
        await queries.deleteAllMembers(transaction, publisher);
        await queries.upsertMember(transaction, {
          publisher,
          accountId: by.accountId,
          role: "owner",
          addedBy: from,
          at,
        });
        await queries.setTokenRequired(transaction, publisher, false);
        await endLinks(transaction, publisher);
        const details = { from, kid };
        await audit(transaction, {
          publisher,
          actor: by.accountId,
          action: "transfer-accepted",
          details,
          at,
        });
        return queries.endTransfer(transaction, id, { status: "accepted", at });
      });
      return toTransfer(row);
    },

    async decline(id, by) {
      requireScope(by, { scope: "members" });
      const { accountId } = by;
      const row = await db.transaction().execute(async (transaction) => {
        const { publisher, to_account: to } = await lockOpen(
          transaction,
          id,
          ({ to_account, from_account }) => to_account === accountId || from_account === accountId,
        );
        const at = now();
        const status = to === accountId ? "declined" : "withdrawn";
        await audit(transaction, { publisher, actor: accountId, action: `transfer-${status}`, at });
        return queries.endTransfer(transaction, id, { status, at });
      });
      return toTransfer(row);
    },
  };
}

function toTransfer(row: queries.TransferRow): Transfer {
  return {
    id: row.id,
    publisher: row.publisher,
    from: row.from_account,
    to: row.to_account,
    status: row.status,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  };
}
