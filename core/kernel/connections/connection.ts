import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import type { ConnectionStatus, StatusReason } from "../../tables.ts";
import type { EgressConnection } from "../capabilities/index.ts";
import { shownAuth } from "../credentials/index.ts";
import type { Install } from "../plugins/index.ts";
import type { ConnectionRow } from "./queries.ts";

/** A tenant's account at a vendor, as its owner sees it. The credential is not part of it and cannot be read back. */
export interface Connection {
  id: string;
  installId: string;
  plugin: string;
  /** What the plugin says that it is. */
  categories: string[];
  name: string;
  status: ConnectionStatus;
  /** What is said against it: why the status is `error`, or will be when it is switched on again. */
  statusReason: StatusReason | null;
  config: Record<string, unknown>;
  auth: { type: string; grant?: string };
  /** What its owner says of its requests, over what the plugin declares; null: nothing. */
  requests: RequestsDeclaration | null;
  /** When the account has to be connected again, as far as that is known. */
  credentialExpiresAt: string | null;
  createdAt: string;
  updatedAt: string;
}

/** What a call through a connection needs; the credential is opened only when the broker asks for it. */
export interface ConnectionInUse extends Pick<EgressConnection, "credential" | "requests"> {
  id: string;
  tenantId: string;
  installId: string;
  status: ConnectionStatus;
  config: Record<string, unknown>;
  /** An `AuthMethod`. */
  authType: string;
}

export function toConnection(
  row: ConnectionRow,
  { plugin, categories }: Pick<Install, "plugin" | "categories">,
): Connection {
  return {
    id: row.id,
    installId: row.install_id,
    plugin,
    categories,
    name: row.name,
    status: row.status,
    statusReason: row.status_reason,
    config: row.config,
    requests: row.requests,
    auth: shownAuth(row.auth_type),
    credentialExpiresAt: row.credential_expires_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
