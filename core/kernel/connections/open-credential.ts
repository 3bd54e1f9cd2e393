import { CapabilityError, type EgressConnection } from "../capabilities/index.ts";
import type { Installs } from "../plugins/index.ts";
import type { CredentialBox } from "./credential-box.ts";
import type { Renewals } from "./oauth/index.ts";
import type { ConnectionRow } from "./queries.ts";

/** What the broker sends for a connection. */
export interface CredentialAccess {
  /**
   * Looks anew, and for each request: a call may have begun before its connection was switched off, removed or given
   * another credential, or its install disabled.
   * @throws CapabilityError `connection-inactive`, and see `Renewals.fresh`
   */
  open(
    connection: { tenantId: string; id: string },
    options?: Parameters<EgressConnection["credential"]>[0] & {
      /** Whether the host itself tries the credential, which it may while nobody else can. */
      isTrial?: boolean;
      /** Hears the `credential_version` of what is given out. */
      onVersion?: (version: number) => void;
    },
  ): ReturnType<EgressConnection["credential"]>;
}

export function createCredentialAccess(options: {
  rows: { get(id: string): Promise<ConnectionRow | undefined> };
  installs: Pick<Installs, "get">;
  box: CredentialBox;
  renewals: Renewals;
}): CredentialAccess {
  const { rows, installs, box, renewals } = options;
  return {
    async open({ tenantId, id }, { staleAccessToken, isTrial = false, onVersion = () => {} } = {}) {
      const row = await rows.get(id);
      const isOpen = row?.tenant_id === tenantId && (isTrial || row.status === "active");
      if (!isOpen || (await installs.get(tenantId, row.install_id)).status !== "active") throw inactive();
      const credential = await box.open(row);
      if (!credential) throw inactive();
      if (credential.type !== "oauth2") {
        onVersion(row.credential_version);
        return credential;
      }
      const { tokens, version } = await renewals.fresh(row, credential, staleAccessToken);
      onVersion(version);
      return { type: "oauth2", accessToken: tokens.accessToken };
    },
  };
}

function inactive(): CapabilityError {
  return new CapabilityError(
    "connection-inactive",
    "The connection or its install was switched off or removed while this call ran.",
  );
}
