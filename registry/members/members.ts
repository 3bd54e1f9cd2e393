import { type Claim, statementTypes, verifyWithKey } from "@plugboard/plugin-sdk/trust";
import type { AccountIdentity, Accounts, Role } from "../accounts/index.ts";
import { registryError } from "../errors.ts";
import { checkClaim, isKeyInUse, type Publishers } from "../publishers/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Trust, verifySigned } from "../trust/index.ts";
import { admit, requireScope } from "./admission.ts";
import { audit } from "./audit.ts";
import * as queries from "./queries.ts";

export interface Member {
  accountId: string;
  displayName: string;
  role: Role;
  addedBy: string;
  createdAt: string;
}

export interface Members {
  /**
   * Makes an account an owner by the publisher's own key: the namespace is whose key it is, so this is how the first
   * owner comes, and how one comes back who was locked out. Not where the owners ask for a token besides the key: there
   * a key makes nobody an owner who is none, and who was locked out asks the operator.
   *
   * @param claim signed with a key in use, for this account by its audience
   * @throws `publisher-not-found`, `claim-invalid`, `publisher-key-unknown`, `signature-invalid`, `statement-*`, `forbidden`,
   *   `not-a-member`
   */
  claimOwnership(publisher: string, by: AccountIdentity, claim: string): Promise<Member>;
  /** @throws `not-a-member`, `forbidden` */
  list(publisher: string, by: AccountIdentity): Promise<Member[]>;
  /** Adds a member, or gives one another role. @throws `not-a-member`, `forbidden`, `account-not-found`, `last-owner` */
  set(publisher: string, by: AccountIdentity, member: { accountId: string; role: Role }): Promise<Member>;
  /** Removes a member; everyone may leave. @throws `not-a-member`, `forbidden`, `last-owner` */
  remove(publisher: string, by: AccountIdentity, accountId: string): Promise<void>;
  /** Whether a signature alone publishes. @throws `not-a-member`, `forbidden` */
  requireToken(publisher: string, by: AccountIdentity, isRequired: boolean): Promise<void>;
  /** The operator makes an account an owner, where nobody can any more. @throws `publisher-not-found`, `account-not-found` */
  giveOwnership(publisher: string, o: { accountId: string; reason: string }): Promise<Member>;
  /** The operator's badge, given or taken. @throws `publisher-not-found` */
  verify(publisher: string, o: { verified: boolean; reason: string }): Promise<void>;
}

/** What a claim of ownership is meant for: one account, so that it is of no use to whoever else comes to see it. */
function ownershipAudience(accountId: string): string {
  return `plugboard-registry/accounts/${accountId}`;
}

export function createMembers(options: {
  db: RegistryDatabase;
  accounts: Pick<Accounts, "get">;
  publishers: Pick<Publishers, "get" | "keysOf" | "setVerified">;
  trust: Trust;
  now: () => Date;
}): Members {
  const { db, accounts, publishers, now } = options;

  async function find(publisher: string, accountId: string): Promise<Member> {
    const row = await queries.findMember(db, publisher, accountId);
    if (!row) throw notAMember(publisher, accountId);
    return toMember(row);
  }

  return {
    async claimOwnership(publisher, by, jws) {
      requireScope(by, { publisher, scope: "members" });
      await publishers.get(publisher);
      const keys = await publishers.keysOf(publisher);
      const claim = await verifySigned<Claim>(statementTypes.claim, jws, keys);
      checkClaim(claim, { publisher, now: now(), audience: ownershipAudience(by.accountId) });
      const { kid } = await verifyWithKey(statementTypes.claim, jws, keys);
      await db.transaction().execute(async (transaction) => {
        await queries.lockPublisher(transaction, publisher);
        // Once more, now that it changes hands no more: whoever had it before holds a key that was good a moment ago.
        if (!(await isKeyInUse(transaction, publisher, kid))) {
          throw registryError(
            "publisher-key-unknown",
            `The key ${kid} is not one that "${publisher}" signs with any more.`,
          );
        }
        await requireOwnersToken(transaction, publisher, by);
        const at = now();
        const { accountId } = by;
        await queries.upsertMember(transaction, { publisher, accountId, role: "owner", addedBy: "key", at });
        await audit(transaction, { publisher, actor: accountId, action: "ownership-claimed", at });
      });
      return find(publisher, by.accountId);
    },

    async list(publisher, by) {
      await admit(db, by, { publisher, scope: "read" });
      return (await queries.listMembers(db, publisher)).map(toMember);
    },

    async set(publisher, by, { accountId, role }) {
      await admit(db, by, { publisher, scope: "members" });
      await accounts.get(accountId);
      await db.transaction().execute(async (transaction) => {
        await queries.lockPublisher(transaction, publisher);
        // Once more, now that nobody changes it: two owners may be removing each other.
        await admit(transaction, by, { publisher, scope: "members" });
        const at = now();
        await queries.upsertMember(transaction, { publisher, accountId, role, addedBy: by.accountId, at });
        await requireOwner(transaction, publisher);
        const details = { accountId, role };
        await audit(transaction, { publisher, actor: by.accountId, action: "member-set", details, at });
      });
      return find(publisher, accountId);
    },

    async remove(publisher, by, accountId) {
      const scope = accountId === by.accountId ? "read" : "members";
      await db.transaction().execute(async (transaction) => {
        await queries.lockPublisher(transaction, publisher);
        await admit(transaction, by, { publisher, scope });
        if (!(await queries.deleteMember(transaction, publisher, accountId)))
          throw notAMember(publisher, accountId);
        await requireOwner(transaction, publisher);
        const details = { accountId };
        await audit(transaction, {
          publisher,
          actor: by.accountId,
          action: "member-removed",
          details,
          at: now(),
        });
      });
    },

    async requireToken(publisher, by, isRequired) {
      await admit(db, by, { publisher, scope: "members" });
      await db.transaction().execute(async (transaction) => {
        await queries.setTokenRequired(transaction, publisher, isRequired);
        const details = { tokenRequired: isRequired };
        await audit(transaction, {
          publisher,
          actor: by.accountId,
          action: "settings-changed",
          details,
          at: now(),
        });
      });
    },

    async giveOwnership(publisher, { accountId, reason }) {
      await publishers.get(publisher);
      await accounts.get(accountId);
      await db.transaction().execute(async (transaction) => {
        await queries.lockPublisher(transaction, publisher);
        const [actor, at] = ["operator", now()];
        await queries.upsertMember(transaction, { publisher, accountId, role: "owner", addedBy: actor, at });
        const details = { accountId, reason };
        await audit(transaction, { publisher, actor, action: "ownership-given", details, at });
      });
      return find(publisher, accountId);
    },

    async verify(publisher, { verified, reason }) {
      await publishers.get(publisher);
      await db.transaction().execute(async (transaction) => {
        await publishers.setVerified(transaction, publisher, verified);
        const action = verified ? "verified" : "verification-withdrawn";
        await audit(transaction, { publisher, actor: "operator", action, details: { reason }, at: now() });
      });
    },
  };
}

/**
 * Where a stolen key alone must do nothing, it must not make its thief an owner either.
 *
 * @throws `not-a-member`, `forbidden`
 */
async function requireOwnersToken(
  transaction: RegistryDatabase,
  publisher: string,
  by: AccountIdentity,
): Promise<void> {
  if (!(await queries.isTokenRequired(transaction, publisher))) return;
  await admit(transaction, by, { publisher, scope: "members" });
}

/** @throws `last-owner` if the change that is under way would leave nobody who can change anything */
async function requireOwner(transaction: RegistryDatabase, publisher: string): Promise<void> {
  if ((await queries.countOwners(transaction, publisher)) > 0) return;
  const detail = `"${publisher}" would be left without an owner. Make another member owner first, or transfer it.`;
  throw registryError("last-owner", detail);
}

function notAMember(publisher: string, accountId: string) {
  return registryError(
    "not-a-member",
    `The account ${accountId} is no member of the publisher "${publisher}".`,
  );
}

function toMember(row: queries.MemberRow): Member {
  return {
    accountId: row.account_id,
    displayName: row.display_name,
    role: row.role,
    addedBy: row.added_by,
    createdAt: row.created_at.toISOString(),
  };
}
