import type { Manifest, OAuth2Auth } from "@plugboard/plugin-sdk/manifest";
import {
  authDeclaration,
  authMethodOf,
  type OAuthClient,
  type StoredOAuth2,
} from "../../credentials/index.ts";
import type { OAuthClients } from "../../oauth-clients/index.ts";
import { endpointsOf } from "./endpoints.ts";
import { TokenFailure } from "./failure.ts";
import type { TokenScene } from "./token-endpoint.ts";

/**
 * Who asks whom for the tokens of a connection.
 * @throws TokenFailure `client-refused`; `oauth-client-required`, `oauth-client-mismatch`
 */
export async function tokenScene(
  clients: Pick<OAuthClients, "use">,
  manifest: Manifest,
  { credential, config }: { credential: StoredOAuth2; config: Record<string, unknown> },
): Promise<TokenScene> {
  const auth = oauth2Declaration(manifest, credential);
  const client = await clientFor(clients, manifest, auth, credential);
  return { auth, client, endpoints: endpointsOf(manifest, auth, config) };
}

/** @throws TokenFailure `client-refused`, if this version of the plugin does not declare it (any more) */
export function oauth2Declaration(manifest: Manifest, credential: StoredOAuth2): OAuth2Auth {
  const auth = authDeclaration(manifest, authMethodOf(credential));
  if (auth?.type === "oauth2") return auth;
  throw new TokenFailure(
    "client-refused",
    "not_declared",
    `${manifest.id} ${manifest.version} does not declare OAuth 2 with the grant ${credential.grant}.`,
  );
}

/** The tenant's own goes before the operator's. */
async function clientFor(
  clients: Pick<OAuthClients, "use">,
  { id }: Manifest,
  auth: OAuth2Auth,
  { client }: StoredOAuth2,
): Promise<OAuthClient> {
  return client ?? clients.use(id, auth);
}
