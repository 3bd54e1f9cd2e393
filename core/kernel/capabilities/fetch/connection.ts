import type { AuthDeclaration, RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { Credential } from "../../credentials/index.ts";
import { CapabilityError } from "../errors.ts";

/** What the broker can authenticate with: a stored credential, or the access token that one was turned into. */
export type UsableCredential = Credential | { type: "oauth2"; accessToken: string };

/** The account that a plugin's requests go through. */
export interface EgressConnection {
  id: string;
  tenantId: string;
  pluginId: string;
  /** The manifest's declaration that this connection was made with. Without one no credential is sent. */
  auth?: AuthDeclaration | undefined;
  /** Fills `{placeholders}` of granted hosts. */
  config: Record<string, unknown>;
  /** What its tenant says of its requests, over what the manifest declares. */
  requests?: RequestsDeclaration | undefined;
  /** Only an `active` one sends requests. */
  status: string;
  /**
   * Decrypts the credential; called once for each request, after all checks that need no credential, and once more
   * with the access token that the vendor has just refused: then a fresh one is wanted.
   */
  credential(options?: { staleAccessToken?: string }): Promise<UsableCredential>;
}

/** @throws CapabilityError `connection-inactive` */
export function refuseInactive({ status }: EgressConnection): void {
  if (status === "active") return;
  throw new CapabilityError(
    "connection-inactive",
    `The connection is not active (its status is "${status}").`,
  );
}
