export { type AuthMethod, authDeclaration, authMethodOf, shownAuth } from "./auth-method.ts";
export {
  type Credential,
  type CredentialInput,
  credentialSchema,
  type OAuth2Input,
  type OAuthClient,
  type OAuthGrant,
  oauthClientFields,
  oauthGrant,
} from "./schemas.ts";
export type { StoredCredential, StoredOAuth2, TokenSet } from "./stored.ts";
