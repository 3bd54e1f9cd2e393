import { createHash, randomBytes } from "node:crypto";
import type { Org } from "../orgs.ts";
import { type Apps, appOf, OAuthError } from "./apps.ts";

/** What a person agreed to. */
export interface Grant {
  org: Org;
  userId: string;
  clientId: string;
  scope: string;
}

interface Code extends Grant {
  redirectUri: string;
  challenge: string | undefined;
  expiresAt: number;
}

const lifetimeMs = 15 * 60_000;

/** Authorization codes, with PKCE (RFC 7636, S256). */
export function createCodes({ apps, nowMs }: { apps: Apps; nowMs(): number }) {
  const codes = new Map<string, Code>();
  return {
    /** Agrees in the user's name. @returns where their browser goes @throws OAuthError, with nowhere to go */
    authorize(query: URLSearchParams, { org, userId }: { org: Org; userId: string }): string {
      const clientId = query.get("client_id") ?? undefined;
      const app = appOf(apps, clientId);
      const redirectUri = query.get("redirect_uri") ?? "";
      if (!(app.redirectUris?.includes(redirectUri) ?? URL.canParse(redirectUri)))
        throw new OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration");
      const back = new URL(redirectUri);
      const state = query.get("state");
      if (state !== null) back.searchParams.set("state", state);
      const challenge = query.get("code_challenge") ?? undefined;
      const refusal = refusalOf(query, app.requiresPkce === true && challenge === undefined);
      if (refusal) {
        back.searchParams.set("error", refusal.error);
        back.searchParams.set("error_description", refusal.description);
        return back.href;
      }
      const code = `aPrx${randomBytes(24).toString("base64url")}`;
      const scope = query.get("scope") ?? "id api web refresh_token";
      const grant = { org, userId, clientId: clientId ?? "", scope };
      codes.set(code, { ...grant, redirectUri, challenge, expiresAt: nowMs() + lifetimeMs });
      back.searchParams.set("code", code);
      return back.href;
    },

    /** One use each. @throws OAuthError */
    redeem(params: URLSearchParams): Grant {
      const value = params.get("code") ?? "";
      const code = codes.get(value);
      codes.delete(value);
      if (!code || code.clientId !== params.get("client_id"))
        throw new OAuthError("invalid_grant", "authentication failure");
      if (code.expiresAt <= nowMs()) throw new OAuthError("invalid_grant", "expired authorization code");
      if (code.redirectUri !== params.get("redirect_uri"))
        throw new OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration");
      const verifier = params.get("code_verifier");
      if (code.challenge !== undefined && code.challenge !== challengeOf(verifier ?? ""))
        throw new OAuthError("invalid_grant", "invalid code verifier");
      const { org, userId, clientId, scope } = code;
      return { org, userId, clientId, scope };
    },
  };
}

function refusalOf(query: URLSearchParams, isChallengeMissing: boolean): OAuthError | undefined {
  if (query.get("response_type") !== "code")
    return new OAuthError("unsupported_response_type", "response type not supported");
  if (isChallengeMissing) return new OAuthError("invalid_request", "missing required code challenge");
  if ((query.get("code_challenge_method") ?? "S256") !== "S256")
    return new OAuthError("invalid_request", "code_challenge_method must be S256");
  return undefined;
}

const challengeOf = (verifier: string): string => createHash("sha256").update(verifier).digest("base64url");
