import { sameToken } from "@plugboard/service-kit/crypto";
import { httpErrors, type RequestHead, routeFactory } from "@plugboard/service-kit/http";

/** Routes are public, or for hosts: the cores that install on behalf of their tenants. */
export type Access = "host";

export interface Identity {
  kind: "host";
}

/** Declares a route of the registry. */
export const route = routeFactory<Access, Identity>();

/**
 * Who calls: a host shows one of these tokens as `Authorization: Bearer`.
 *
 * @throws `unauthorized`, which tells nothing of how near a wrong token came
 */
export function authenticateHosts(hostTokens: string[]) {
  return async function authenticate(request: RequestHead): Promise<Identity> {
    const [, given] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "") ?? [];
    // Every token is compared, so that the time tells nothing of which one matched either.
    const matches = hostTokens.map((token) => given !== undefined && sameToken(given, token));
    if (matches.includes(true)) return { kind: "host" };
    throw httpErrors.error(
      "unauthorized",
      "This route is for hosts. Send the host token as Authorization: Bearer.",
      {},
      {
        headers: { "WWW-Authenticate": "Bearer" },
      },
    );
  };
}
