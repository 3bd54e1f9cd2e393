import { hashToken, sameToken } from "@plugboard/service-kit/crypto";
import { httpErrors, type RequestHead, routeFactory } from "@plugboard/service-kit/http";

/** Routes are public, for hosts (the cores that install on behalf of their tenants), or for whoever runs the registry. */
export type Access = "host" | "operator";

export interface Identity {
  kind: Access;
  /** Tells one token from another, and gives none of it away. */
  caller: string;
}

/** Declares a route of the registry. */
export const route = routeFactory<Access, Identity>();

/**
 * Which host calls a public route, if one says so, as `Identity.caller` has it: to count by. Undefined for anyone else.
 */
export function createHostRecognition(hostTokens: string[]) {
  return function recognise(request: Pick<RequestHead, "headers">): string | undefined {
    const given = bearerOf(request);
    const matches = hostTokens.map((token) => given !== undefined && sameToken(given, token));
    if (given === undefined || !matches.includes(true)) return undefined;
    return callerOf(given);
  };
}

/** Tells one token from another, and gives none of it away. */
function callerOf(token: string): string {
  return hashToken(token).slice(0, 16);
}

/** The token of a request that shows one. */
export function bearerOf(request: Pick<RequestHead, "headers">): string | undefined {
  const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
  return given;
}

/**
 * Who calls: a host, the operator or a person with an account shows a token as `Authorization: Bearer`. None stands in for
 * another.
 *
 * @throws `unauthorized`, which tells nothing of how near a wrong token came; `forbidden`
 */
export function createAuthenticate<Account>(tokens: {
  host: string[];
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
    // Every token is compared, so that the time tells nothing of which one matched either.
    const isOneOf = (some: string[]) =>
      some.map((token) => given !== undefined && sameToken(given, token)).includes(true);
    const kinds = { host: isOneOf(tokens.host), operator: isOneOf(tokens.operator) };
    if (kinds[access]) return { kind: access, caller: callerOf(given ?? "") };
    if (kinds.host || kinds.operator) {
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
