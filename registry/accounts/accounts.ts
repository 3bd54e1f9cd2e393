import { hashToken, newId, secretToken } from "@plugboard/service-kit/crypto";
import { httpErrors } from "@plugboard/service-kit/http";
import { admitArrival } from "../arrivals/index.ts";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";
import { type Scope, scopes } from "./scopes.ts";

export interface Account {
  id: string;
  /** As others see it; not unique. */
  displayName: string;
  createdAt: string;
}

/** Who shows a token, and what the token may be used for. */
export interface AccountIdentity {
  kind: "account";
  accountId: string;
  tokenId: string;
  scopes: Scope[];
  /** Where it is restricted: for this publisher alone, and these of its plugins. */
  publisher: string | null;
  plugins: string[] | null;
  expiresAt: Date;
}

export interface TokenWish {
  name: string;
  scopes: Scope[];
  publisher?: string | undefined;
  /** Names below the publisher. */
  plugins?: string[] | undefined;
  expiresInDays: number;
}

export interface Token {
  id: string;
  name: string;
  /** Its beginning, by which a person tells tokens apart. */
  prefix: string;
  scopes: Scope[];
  publisher: string | null;
  plugins: string[] | null;
  createdAt: string;
  expiresAt: string;
  lastUsedAt: string | null;
  revokedAt: string | null;
}

export interface Accounts {
  /** Makes an account and its first token, which may do everything for a year. @throws `rate-limited` */
  create(o: { displayName: string; ip: string }): Promise<{ account: Account; token: Token; secret: string }>;
  /** @throws `account-not-found` */
  get(id: string): Promise<Account>;
  /** @returns undefined for a token that is unknown, expired or revoked; they are not told apart */
  authenticate(secret: string): Promise<AccountIdentity | undefined>;
  /** A token makes tokens that may what it may, at most, and end with it at the latest. @throws `forbidden`, `publisher-not-found` */
  createToken(by: AccountIdentity, wish: TokenWish): Promise<{ token: Token; secret: string }>;
  /** Newest first. */
  listTokens(accountId: string, page: { limit: number; before: string | undefined }): Promise<Token[]>;
  /** With all that it made, and those made: whoever found it may have made some. Revoking twice is no error. @throws `token-not-found` */
  revokeToken(accountId: string, id: string): Promise<void>;
}

const tokenPrefix = "pba_";
const dayMs = 24 * 60 * 60 * 1000;
const firstTokenDays = 365;
/** A use is written down no oftener, so that reading does not become writing. */
const lastUsedEveryMs = 60_000;

export function createAccounts(options: {
  db: RegistryDatabase;
  accountsPerHour: number;
  now: () => Date;
}): Accounts {
  const { db, accountsPerHour, now } = options;

  async function insertToken(
    transaction: RegistryDatabase,
    accountId: string,
    wish: TokenWish,
    parent?: { id: string; expiresAt: Date },
  ) {
    const { token: secret, prefixShown, hash } = secretToken(tokenPrefix);
    const wanted = new Date(now().getTime() + wish.expiresInDays * dayMs);
    const row = await queries.insertToken(transaction, {
      id: newId("tok"),
      account_id: accountId,
      name: wish.name,
      prefix: prefixShown,
      hash,
      scopes: wish.scopes,
      publisher: wish.publisher ?? null,
      plugins: wish.plugins ?? null,
      created_at: now(),
      expires_at: parent && parent.expiresAt < wanted ? parent.expiresAt : wanted,
      parent_id: parent?.id ?? null,
    });
    return { token: toToken(row), secret };
  }

  return {
    async create({ displayName, ip }) {
      await admitArrival(db, { kind: "accounts", ip, perHour: accountsPerHour, now: now() });
      return db.transaction().execute(async (transaction) => {
        const row = await queries.insertAccount(transaction, {
          id: newId("acc"),
          display_name: displayName,
          created_at: now(),
        });
        const wish = { name: "first", scopes: [...scopes], expiresInDays: firstTokenDays };
        return { account: toAccount(row), ...(await insertToken(transaction, row.id, wish)) };
      });
    },
    async get(id) {
      const row = await queries.findAccount(db, id);
      if (!row) throw registryError("account-not-found", `There is no account "${id}".`);
      return toAccount(row);
    },
    async authenticate(secret) {
      const at = now();
      const row = await queries.findToken(db, hashToken(secret), at);
      if (!row) return undefined;
      await queries.markUsed(db, row.id, { at, unlessAfter: new Date(at.getTime() - lastUsedEveryMs) });
      return {
        kind: "account",
        accountId: row.account_id,
        tokenId: row.id,
        scopes: row.scopes,
        publisher: row.publisher,
        plugins: row.plugins,
        expiresAt: row.expires_at,
      };
    },
    async createToken(by, wish) {
      refuseWider(by, wish);
      return db.transaction().execute(async (transaction) => {
        // Who revokes it waits, and then finds what it made in its last moment.
        if (!(await queries.holdToken(transaction, by.tokenId))) throw forbidden("It was revoked.");
        if (wish.publisher !== undefined && !(await queries.hasPublisher(transaction, wish.publisher))) {
          throw registryError("publisher-not-found", `No publisher "${wish.publisher}" is registered.`);
        }
        return insertToken(transaction, by.accountId, wish, { id: by.tokenId, expiresAt: by.expiresAt });
      });
    },
    async listTokens(accountId, page) {
      return (await queries.listTokens(db, accountId, page)).map(toToken);
    },
    async revokeToken(accountId, id) {
      const wish = { accountId, id, at: now() };
      if (await db.transaction().execute((transaction) => queries.revokeToken(transaction, wish))) return;
      throw registryError("token-not-found", `This account has no token "${id}".`);
    },
  };
}

/** A token that makes a wider one would make its own limits void. */
function refuseWider(by: AccountIdentity, wish: TokenWish): void {
  const more = wish.scopes.filter((scope) => !by.scopes.includes(scope));
  if (more.length > 0) throw forbidden(`It has not the scope ${more.join(", ")} itself.`);
  if (wish.plugins && wish.publisher === undefined) {
    throw forbidden("Plugins are named below a publisher; name that too.");
  }
  if (by.publisher !== null && wish.publisher !== by.publisher) {
    throw forbidden(`It is for the publisher "${by.publisher}" alone.`);
  }
  const { plugins } = by;
  if (plugins && !(wish.plugins ?? ["*"]).every((plugin) => plugins.includes(plugin))) {
    throw forbidden(`It is for the plugins ${plugins.join(", ")} alone.`);
  }
}

function forbidden(why: string) {
  return httpErrors.error("forbidden", `This token cannot make one that may more than itself. ${why}`);
}

function toAccount(row: queries.AccountRow): Account {
  return { id: row.id, displayName: row.display_name, createdAt: row.created_at.toISOString() };
}

function toToken(row: queries.TokenRow): Token {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    publisher: row.publisher,
    plugins: row.plugins,
    createdAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    lastUsedAt: row.last_used_at?.toISOString() ?? null,
    revokedAt: row.revoked_at?.toISOString() ?? null,
  };
}
