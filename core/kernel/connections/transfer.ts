import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { coreError } from "../../errors.ts";
import type { CredentialInput } from "../credentials/index.ts";
import { authMethodOf } from "../credentials/index.ts";
import type { Installs } from "../plugins/index.ts";
import type { Connection } from "./connection.ts";
import type { Connections } from "./connections.ts";

/** A connection's configuration, without anything secret. */
export interface ExportedConnection {
  format: "plugboard-connection-1";
  plugin: string;
  name: string;
  config: Record<string, unknown>;
  /** What its owner says of its requests, if anything. */
  requests?: RequestsDeclaration | null;
  auth: { type: string; grant?: string };
}

/** Carries the configuration of connections from one place to another. Credentials stay where they are. */
export interface Transfers {
  /** @throws `connection-not-found` */
  export(tenantId: string, id: string): Promise<ExportedConnection>;
  /** Makes one under the tenant's install of the plugin; without `auth` it waits for its credential. @throws as `Connections.create` */
  import(tenantId: string, exported: ExportedConnection, auth?: CredentialInput): Promise<Connection>;
  /** @throws `connection-not-found`, and as `Connections.create` */
  clone(
    tenantId: string,
    id: string,
    change: {
      name: string;
      config?: Record<string, unknown>;
      requests?: RequestsDeclaration | null;
      auth?: CredentialInput;
    },
  ): Promise<Connection>;
}

export function createTransfers(options: {
  connections: Pick<Connections, "get" | "create">;
  installs: Pick<Installs, "ofPlugins">;
}): Transfers {
  const { connections, installs } = options;
  return {
    async export(tenantId, id) {
      const { plugin, name, config, requests, auth } = await connections.get(tenantId, id);
      return { format: "plugboard-connection-1", plugin, name, config, ...(requests && { requests }), auth };
    },

    async import(tenantId, { plugin, name, config, requests, auth: { type, grant } }, auth) {
      const [install] = await installs.ofPlugins(tenantId, [plugin]);
      if (!install) {
        throw coreError("install-not-found", `This tenant has not installed ${plugin}; install it first.`);
      }
      const method = authMethodOf({ type, ...(grant !== undefined && { grant }) });
      return connections.create(tenantId, {
        installId: install.id,
        name,
        config,
        ...(requests && { requests }),
        ...(auth ? { auth } : { method }),
      });
    },

    async clone(tenantId, id, { name, config, requests, auth }) {
      const from = await connections.get(tenantId, id);
      return connections.create(tenantId, {
        installId: from.installId,
        name,
        config: config ?? from.config,
        requests: requests === undefined ? from.requests : requests,
        ...(auth ? { auth } : { method: authMethodOf(from.auth) }),
      });
    },
  };
}
