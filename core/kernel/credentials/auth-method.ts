import type { AuthDeclaration, Manifest } from "@plugboard/plugin-sdk/manifest";
import type { OAuthGrant } from "./schemas.ts";

/** How a connection authenticates: the type of its declaration, and the grant where there are several. */
export type AuthMethod = "apiKey" | "bearer" | "basic" | `oauth2/${OAuthGrant}`;

/** The name of what a declaration, or a credential, is. No two declarations of a plugin have the same. */
export function authMethodOf(of: { type: string; grant?: string }): AuthMethod {
  return (of.type === "oauth2" ? `oauth2/${of.grant}` : of.type) as AuthMethod;
}

/** As the API shows it. */
export function shownAuth(method: string): { type: string; grant?: string } {
  const [type = "", grant] = method.split("/");
  return grant === undefined ? { type } : { type, grant };
}

/** What the plugin declares for a connection that authenticates so. */
export function authDeclaration(
  manifest: Pick<Manifest, "auth">,
  method: string,
): AuthDeclaration | undefined {
  return manifest.auth?.find((declaration) => authMethodOf(declaration) === method);
}
