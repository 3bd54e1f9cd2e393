import type { JWK } from "jose";
import type { Client } from "../../http/index.ts";
import { at, type PageRequest, toQuery } from "./path.ts";
import * as schemas from "./schemas.ts";

export interface TokenRequest {
  name: string;
  scopes: string[];
  publisher?: string;
  plugins?: string[];
  expiresInDays: number;
}

/** What people with an account do. All but the first ask for its token. */
export function accountsOf({ ask, send }: Client) {
  const signedIn = true;
  return {
    createAccount: (displayName: string) =>
      ask(schemas.NewAccount, "/accounts", { method: "POST", json: { displayName } }),
    getAccount: () => ask(schemas.Account, "/account", { signedIn }),
    createToken: (json: TokenRequest) =>
      ask(schemas.NewToken, "/account/tokens", { method: "POST", json, signedIn }),
    listTokens: (query: PageRequest) => ask(schemas.Tokens, `/account/tokens${toQuery(query)}`, { signedIn }),
    async revokeToken(id: string): Promise<void> {
      await send(at`/account/tokens/${id}`, { method: "DELETE", signedIn });
    },
    /** @param claim JWS for this very account, signed with a key of the publisher's */
    claimOwnership: (publisher: string, claim: string) =>
      ask(schemas.Member, at`/publishers/${publisher}/owners`, { method: "POST", json: { claim }, signedIn }),
    listMembers: (publisher: string) =>
      ask(schemas.Members, at`/publishers/${publisher}/members`, { signedIn }),
    setMember: (publisher: string, accountId: string, role: string) =>
      ask(schemas.Member, at`/publishers/${publisher}/members/${accountId}`, {
        method: "PUT",
        json: { role },
        signedIn,
      }),
    async removeMember(publisher: string, accountId: string): Promise<void> {
      await send(at`/publishers/${publisher}/members/${accountId}`, { method: "DELETE", signedIn });
    },
    async requireToken(publisher: string, tokenRequired: boolean): Promise<void> {
      const json = { tokenRequired };
      await send(at`/publishers/${publisher}/settings`, { method: "PATCH", json, signedIn });
    },
    listAudit: (publisher: string, query: PageRequest) =>
      ask(schemas.Audit, at`/publishers/${publisher}/audit` + toQuery(query), { signedIn }),
    offerPublisher: (publisher: string, to: string) =>
      ask(schemas.Transfer, at`/publishers/${publisher}/transfers`, {
        method: "POST",
        json: { to },
        signedIn,
      }),
    listTransfers: () => ask(schemas.Transfers, "/account/transfers", { signedIn }),
    acceptTransfer: (id: string, json: { key: JWK; claim: string }) =>
      ask(schemas.Transfer, at`/transfers/${id}/accept`, { method: "POST", json, signedIn }),
    declineTransfer: (id: string) =>
      ask(schemas.Transfer, at`/transfers/${id}/decline`, { method: "POST", signedIn }),
  };
}
