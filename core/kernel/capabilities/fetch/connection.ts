import type { AuthDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Credential } from "../../credentials/index.ts";

/** The account that a plugin's requests go through. */
export interface EgressConnection {
  id: string;
  tenantId: string;
  pluginId: string;
  /** The manifest's declaration that this connection was made with. Without one no credential is sent. */
  auth?: AuthDeclaration | undefined;
  /** Fills `{placeholders}` of granted hosts. */
  config: Record<string, unknown>;
  /** Only an `active` one sends requests. */
  status: string;
  /** Decrypts the credential; called once for each request, after all checks that need no credential. */
  credential(): Promise<Credential>;
}
