/** An app that orgs let in (a connected app, or an external client app). */
export interface ConnectedApp {
  /** Left out: a public client, which has none. */
  clientSecret?: string;
  /** Where people are sent back to; left out: anywhere. */
  redirectUris?: readonly string[];
  /** For the JWT bearer flow: the public key, or the certificate, that assertions are checked with, as PEM. */
  certificate?: string;
  /** Users who agreed beforehand, by username; left out: all. */
  preauthorized?: readonly string[];
  requiresPkce?: boolean;
  /** Refresh tokens are good once. */
  rotatesRefreshTokens?: boolean;
}

export interface Apps {
  readonly [clientId: string]: ConnectedApp;
}

/** What the OAuth endpoints refuse with: https://help.salesforce.com/s/articleView?id=xcloud.remoteaccess_oauth_flow_errors.htm */
export class OAuthError extends Error {
  readonly error: string;
  readonly description: string;

  constructor(error: string, description: string) {
    super(error);
    this.error = error;
    this.description = description;
  }
}

/** @throws OAuthError */
export function appOf(apps: Apps, clientId: string | undefined): ConnectedApp {
  const app = clientId !== undefined && Object.hasOwn(apps, clientId) ? apps[clientId] : undefined;
  if (app) return app;
  throw new OAuthError("invalid_client_id", "client identifier invalid");
}

/** @throws OAuthError */
export function checkSecret(app: ConnectedApp, secret: string | undefined): void {
  if (app.clientSecret !== undefined && app.clientSecret !== secret)
    throw new OAuthError("invalid_client", "invalid client credentials");
}
