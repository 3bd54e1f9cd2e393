import { createHmac, randomBytes } from "node:crypto";
import type { Shop } from "../shops.ts";

/** An app at Shopify. */
export interface App {
  clientSecret: string;
  /** Where people are sent back to; left out: anywhere. */
  redirectUris?: readonly string[];
}

interface Grant {
  kind: "code" | "refresh";
  domain: string;
  clientId: string;
  scopes: readonly string[];
  redirectUri?: string;
  expiresAt: number;
}

export interface Grants {
  /** Agrees in the merchant's name. @returns where their browser goes, or why it goes nowhere */
  authorize(domain: string, query: URLSearchParams): { location: string } | { refusal: string };
  /** What the token endpoint answers. */
  token(shop: Shop, body: { [field: string]: unknown }): { status: number; body: object };
}

/** https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens */
const tokenSeconds = 3_600;
const refreshSeconds = 90 * 86_400;
const clientCredentialsSeconds = 86_399;
const codeSeconds = 60;

/** Installs of apps in shops: authorization code, refresh token and client credentials. */
export function createGrants({
  apps,
  nowMs,
}: {
  apps: { readonly [clientId: string]: App };
  nowMs(): number;
}): Grants {
  const grants = new Map<string, Grant>();
  const after = (seconds: number) => nowMs() + seconds * 1000;
  const appOf = (clientId: unknown) =>
    typeof clientId === "string" && Object.hasOwn(apps, clientId) ? apps[clientId] : undefined;

  function keep(prefix: string, grant: Grant): string {
    const secret = `${prefix}${randomBytes(16).toString("hex")}`;
    grants.set(secret, grant);
    return secret;
  }

  /** One use each. */
  function take(secret: unknown, kind: Grant["kind"], shop: Shop, clientId: string): Grant | undefined {
    const grant = typeof secret === "string" ? grants.get(secret) : undefined;
    if (!grant || grant.kind !== kind || grant.domain !== shop.domain || grant.clientId !== clientId)
      return undefined;
    grants.delete(String(secret));
    return grant.expiresAt > nowMs() ? grant : undefined;
  }

  function issue(shop: Shop, clientId: string, scopes: readonly string[], seconds: number | undefined) {
    const token = `shpat_${randomBytes(16).toString("hex")}`;
    const expiresAt = seconds === undefined ? undefined : after(seconds);
    shop.issued.set(token, { clientId, scopes, expiresAt });
    return {
      access_token: token,
      scope: scopes.join(","),
      ...(seconds !== undefined && { expires_in: seconds }),
    };
  }

  /** An app has one expiring token in a shop at a time. */
  function issueExpiring(shop: Shop, clientId: string, scopes: readonly string[]) {
    for (const [token, issued] of shop.issued) if (issued.clientId === clientId) shop.issued.delete(token);
    const refresh: Grant = {
      kind: "refresh",
      domain: shop.domain,
      clientId,
      scopes,
      expiresAt: after(refreshSeconds),
    };
    return {
      ...issue(shop, clientId, scopes, tokenSeconds),
      refresh_token: keep("shprt_", refresh),
      refresh_token_expires_in: refreshSeconds,
    };
  }

  return {
    authorize(domain, query) {
      const clientId = query.get("client_id") ?? "";
      const app = appOf(clientId);
      if (!app) return { refusal: "Oauth error application_cannot_be_found" };
      const redirectUri = query.get("redirect_uri") ?? "";
      const isKnown = app.redirectUris?.includes(redirectUri) ?? URL.canParse(redirectUri);
      if (!isKnown) return { refusal: "Oauth error invalid_request: The redirect_uri is not whitelisted" };
      const scopes = (query.get("scope") ?? "").split(",").filter(Boolean);
      const code = keep("", {
        kind: "code",
        domain,
        clientId,
        scopes,
        redirectUri,
        expiresAt: after(codeSeconds),
      });
      const [name = ""] = domain.split(".");
      const state = query.get("state");
      const answer = new URLSearchParams({
        code,
        host: Buffer.from(`admin.shopify.com/store/${name}`).toString("base64"),
        shop: domain,
        ...(state !== null && { state }),
        timestamp: String(Math.floor(nowMs() / 1000)),
      });
      answer.sort();
      const hmac = createHmac("sha256", app.clientSecret).update(answer.toString()).digest("hex");
      const location = new URL(redirectUri);
      for (const [field, value] of [["hmac", hmac], ...answer] as [string, string][])
        location.searchParams.set(field, value);
      return { location: location.href };
    },

    token(shop, body) {
      const { client_id: clientId, client_secret: secret, grant_type: type = "authorization_code" } = body;
      const app = appOf(clientId);
      if (!app || typeof clientId !== "string") return refusal("application_cannot_be_found");
      if (secret !== app.clientSecret) return refusal("invalid_client");
      if (type === "client_credentials") {
        const scopes = subjects.flatMap((subject) => [`read_${subject}`, `write_${subject}`]);
        return { status: 200, body: issue(shop, clientId, scopes, clientCredentialsSeconds) };
      }
      if (type === "refresh_token") {
        const grant = take(body.refresh_token, "refresh", shop, clientId);
        return grant
          ? { status: 200, body: issueExpiring(shop, clientId, grant.scopes) }
          : refusal("invalid_grant", "The refresh token was not found or was already used");
      }
      if (type !== "authorization_code") return refusal("unsupported_grant_type");
      const grant = take(body.code, "code", shop, clientId);
      if (!grant)
        return refusal("invalid_request", "The authorization code was not found or was already used");
      return {
        status: 200,
        body:
          String(body.expiring ?? "") === "1"
            ? issueExpiring(shop, clientId, grant.scopes)
            : issue(shop, clientId, grant.scopes, undefined),
      };
    },
  };
}

/** What an app of the shop's own organization was given when it was released. */
const subjects = [
  "products",
  "orders",
  "customers",
  "inventory",
  "locations",
  "fulfillments",
  "merchant_managed_fulfillment_orders",
];

function refusal(error: string, description?: string) {
  return {
    status: 400,
    body: { error, ...(description !== undefined && { error_description: description }) },
  };
}
