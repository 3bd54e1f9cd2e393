import { createHmac, randomBytes } from "node:crypto";
import type { Org } from "../orgs.ts";
import { type Apps, appOf, checkSecret, OAuthError } from "./apps.ts";
import { readAssertion } from "./assertion.ts";
import { createCodes, type Grant } from "./codes.ts";
import type { Session, Sessions } from "./sessions.ts";

/** Where a request came in, which decides what is answered about addresses. */
export interface Place {
  /** `https://login.salesforce.com`, or the stand-in's own address. */
  issuer: string;
  /** What of an org's is told as its instance. */
  instanceUrl(org: Org): string;
}

const jwtBearer = "urn:ietf:params:oauth:grant-type:jwt-bearer";

/** Gives tokens out, anew, and takes them back. Every method throws OAuthError. */
export function createTokens(options: {
  apps: Apps;
  sessions: Sessions;
  nowMs(): number;
  userOf(username: string): { org: Org; userId: string } | undefined;
}) {
  const { apps, sessions, nowMs } = options;
  const codes = createCodes({ apps, nowMs });
  const refreshTokens = new Map<string, Grant>();

  function answer({ accessToken, org, userId, clientId, scope, issuedAt }: Session, place: Place) {
    const id = `${place.issuer}/id/${org.id}/${userId}`;
    const secret = apps[clientId]?.clientSecret ?? "";
    return {
      access_token: accessToken,
      signature: createHmac("sha256", secret).update(`${id}${issuedAt}`).digest("base64"),
      scope,
      instance_url: place.instanceUrl(org),
      id,
      token_type: "Bearer",
      issued_at: String(issuedAt),
    };
  }

  function keepRefreshToken(grant: Grant): string {
    const token = `5Aep861${randomBytes(32).toString("base64url")}`;
    refreshTokens.set(token, grant);
    return token;
  }

  return {
    codes,

    async token(params: URLSearchParams, place: Place): Promise<object> {
      const clientId = params.get("client_id") ?? undefined;
      switch (params.get("grant_type")) {
        case "authorization_code": {
          checkSecret(appOf(apps, clientId), params.get("client_secret") ?? undefined);
          const grant = codes.redeem(params);
          const isLasting = /\b(refresh_token|offline_access)\b/.test(grant.scope);
          return {
            ...answer(sessions.open(grant), place),
            ...(isLasting && { refresh_token: keepRefreshToken(grant) }),
          };
        }
        case "refresh_token": {
          const app = appOf(apps, clientId);
          checkSecret(app, params.get("client_secret") ?? undefined);
          const token = params.get("refresh_token") ?? "";
          const grant = refreshTokens.get(token);
          if (!grant || grant.clientId !== clientId)
            throw new OAuthError("invalid_grant", "expired access/refresh token");
          if (app.rotatesRefreshTokens) refreshTokens.delete(token);
          return {
            ...answer(sessions.open(grant), place),
            ...(app.rotatesRefreshTokens && { refresh_token: keepRefreshToken(grant) }),
          };
        }
        case jwtBearer: {
          const audiences = [place.issuer, "https://login.salesforce.com", "https://test.salesforce.com"];
          const assertion = params.get("assertion") ?? "";
          const { clientId: issuer, username } = await readAssertion(assertion, { apps, audiences, nowMs });
          const user = options.userOf(username);
          if (!user) throw new OAuthError("invalid_grant", "user hasn't approved this consumer");
          return answer(sessions.open({ ...user, clientId: issuer, scope: "id api web" }), place);
        }
        default:
          throw new OAuthError("unsupported_grant_type", "grant type not supported");
      }
    },

    /** An access token, or a refresh token. */
    revoke(token: string): void {
      if (!refreshTokens.delete(token) && !sessions.end(token))
        throw new OAuthError("invalid_token", "invalid token");
    },

    /** RFC 7662. */
    introspect(params: URLSearchParams): object {
      const clientId = params.get("client_id") ?? undefined;
      checkSecret(appOf(apps, clientId), params.get("client_secret") ?? undefined);
      const session = sessions.find(params.get("token") ?? "");
      if (!session || session.clientId !== clientId) return { active: false };
      const { org, userId, scope, issuedAt, expiresAt } = session;
      return {
        active: true,
        scope,
        client_id: clientId,
        username: org.tables.get("User")?.get(userId)?.Username ?? null,
        sub: `https://login.salesforce.com/id/${org.id}/${userId}`,
        token_type: "access_token",
        iat: Math.floor(issuedAt / 1000),
        nbf: Math.floor(issuedAt / 1000),
        exp: Math.floor(expiresAt / 1000),
      };
    },
  };
}

export type Tokens = ReturnType<typeof createTokens>;
