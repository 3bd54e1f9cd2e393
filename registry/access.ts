import { hashToken, sameToken } from "@plugboard/service-kit/crypto";
import { httpErrors, type RequestHead, routeFactory } from "@plugboard/service-kit/http";
import { bearerOf } from "./bearer.ts";
import type { HostIdentity } from "./host-access/index.ts";

/** Routes are public, for hosts (the cores that install on behalf of their tenants), or for whoever runs the registry. */
export type Access = "host" | "operator";

export interface Identity {
  kind: Access;
  /** Tells one token from another, and gives none of it away. */
  caller: string;
  /** Which host it is, on a route for hosts; else empty. */
  host: string;
}

/** Declares a route of the registry. */
export const route = routeFactory<Access, Identity>();

/**
 * Who calls: a host, the operator or a person with an account shows a token as `Authorization: Bearer`. None stands in for
 * another.
 *
 * @throws `unauthorized`, which tells nothing of how near a wrong token came; `forbidden`
 */
export function createAuthenticate<Account>(tokens: {
  host: (request: Pick<RequestHead, "headers">) => Promise<HostIdentity | undefined>;
  operator: string[];
  account: (token: string) => Promise<Account | undefined>;
}) {
  return async function authenticate(
    request: RequestHead,
    access: Access | "account",
  ): Promise<Identity | Account> {
    const given = bearerOf(request);
    if (access === "account") {
      const account = given === undefined ? undefined : await tokens.account(given);
      if (account) return account;
      throw unauthorized(access);
    }
    if (given === undefined) throw unauthorized(access);
    // Every token is compared, so that the time tells nothing of which one matched either.
    const isOperator = tokens.operator.map((token) => sameToken(given, token)).includes(true);
    const host = await tokens.host(request);
    if (access === "host" && host) return { kind: access, ...host };
    if (access === "operator" && isOperator) {
      return { kind: access, caller: hashToken(given).slice(0, 16), host: "" };
    }
    if (host || isOperator) {
      throw httpErrors.error("forbidden", `This route is not for this token: it needs the ${access} token.`);
    }
    throw unauthorized(access);
  };
}

function unauthorized(access: string) {
  return httpErrors.error(
    "unauthorized",
    `This route is not public. Send ${access === "account" ? "a valid account" : `the ${access}`} token as Authorization: Bearer.`,
    {},
    { headers: { "WWW-Authenticate": "Bearer" } },
  );
}
