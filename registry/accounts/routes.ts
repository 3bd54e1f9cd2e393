import {
  decodeCursor,
  encodeCursor,
  httpErrors,
  page,
  pageQuery,
  type Route,
} from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import type { AccountIdentity, Accounts } from "./accounts.ts";
import { accountRoute } from "./route.ts";
import { Account, AccountRequest, NewAccount, NewToken, Token, TokenRequest, tokenId } from "./schemas.ts";

const account = "/registry/v1/account";

export function accountRoutes(accounts: Accounts): Route[] {
  return [
    route({
      method: "POST",
      path: "/registry/v1/accounts",
      operationId: "createAccount",
      summary: "Make an account, with its first token",
      description: "Whoever holds a token of it acts for the account; there is no password.",
      tags: ["accounts"],
      access: "public",
      body: AccountRequest,
      responses: { 201: { description: "The account, and the token this once.", schema: NewAccount } },
      errors: ["rate-limited"],
      async handler({ body, ip }) {
        return { status: 201, body: await accounts.create({ ...body, ip }) };
      },
    }),
    accountRoute({
      method: "GET",
      path: account,
      operationId: "getAccount",
      summary: "Whose token this is",
      tags: ["accounts"],
      access: "account",
      responses: { 200: { description: "The account.", schema: Account } },
      errors: ["account-not-found"],
      async handler({ identity }) {
        return { status: 200, body: await accounts.get(identity.accountId) };
      },
    }),
    accountRoute({
      method: "POST",
      path: `${account}/tokens`,
      operationId: "createToken",
      summary: "Make a further token, which may at most what this one may",
      tags: ["accounts"],
      access: "account",
      body: TokenRequest,
      responses: { 201: { description: "The token, this once.", schema: NewToken } },
      errors: ["forbidden", "publisher-not-found"],
      async handler({ identity, body }) {
        requireTokensScope(identity);
        return { status: 201, body: await accounts.createToken(identity, body) };
      },
    }),
    accountRoute({
      method: "GET",
      path: `${account}/tokens`,
      operationId: "listTokens",
      summary: "The account's tokens, newest first, without their secrets",
      tags: ["accounts"],
      access: "account",
      query: Type.Object(pageQuery),
      responses: { 200: { description: "A page of tokens.", schema: page(Token) } },
      errors: ["forbidden"],
      async handler({ identity, query: { limit, cursor } }) {
        requireWholeAccount(identity);
        const before = cursor === undefined ? undefined : decodeCursor(cursor, tokenId);
        const found = await accounts.listTokens(identity.accountId, { limit: limit + 1, before });
        const items = found.slice(0, limit);
        const last = found.length > limit ? items.at(-1) : undefined;
        return { status: 200, body: { items, nextCursor: last ? encodeCursor(last.id) : null } };
      },
    }),
    accountRoute({
      method: "DELETE",
      path: `${account}/tokens/:id`,
      operationId: "revokeToken",
      summary: "End a token at once, and all that it made",
      tags: ["accounts"],
      access: "account",
      params: Type.Object({ id: tokenId }),
      responses: { 204: { description: "It is accepted no more." } },
      errors: ["forbidden", "token-not-found"],
      async handler({ identity, params: { id } }) {
        // A token may always end itself: whoever finds one lying about can make it harmless.
        if (id !== identity.tokenId) requireWholeAccount(identity);
        await accounts.revokeToken(identity.accountId, id);
        return { status: 204 };
      },
    }),
  ];
}

function requireTokensScope({ scopes }: AccountIdentity): void {
  if (scopes.includes("tokens")) return;
  throw httpErrors.error("forbidden", "This token has not the scope `tokens`.");
}

/** What concerns all tokens is not for one that is restricted to a publisher. */
function requireWholeAccount(identity: AccountIdentity): void {
  requireTokensScope(identity);
  if (identity.publisher === null) return;
  throw httpErrors.error("forbidden", `This token is for the publisher "${identity.publisher}" alone.`);
}
