import { fillUrlTemplate, type Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Logger } from "@plugboard/service-kit/observe";
import type { CheckOutcome } from "../../../tables.ts";
import { CapabilityError, type EgressBroker } from "../../capabilities/index.ts";
import { authDeclaration } from "../../credentials/index.ts";
import type { Installs } from "../../plugins/index.ts";
import type { CredentialAccess } from "../open-credential.ts";
import type { ConnectionRow } from "../queries.ts";

/** How one try of a credential went. */
export interface TrialResult {
  /** `refused`: the vendor did not take the credential. `unreachable`: it could not be asked. `failed`: anything else. */
  outcome: CheckOutcome;
  httpStatus: number | null;
  durationMs: number;
}

/** Tries a connection's credential with the request that its plugin declares for that, through the broker. */
export interface Trials {
  /** @returns undefined if the plugin declares none */
  run(row: ConnectionRow, signal: AbortSignal): Promise<TrialResult | undefined>;
}

export function createTrials(options: {
  egress: EgressBroker;
  access: CredentialAccess;
  installs: Pick<Installs, "get" | "manifest">;
  logger: Logger;
}): Trials {
  const { egress, access, installs, logger } = options;

  async function send(row: ConnectionRow, manifest: Manifest, signal: AbortSignal): Promise<number> {
    const auth = authDeclaration(manifest, row.auth_type);
    const [method = "", template = ""] = auth?.test?.request.split(" ") ?? [];
    const url = fillUrlTemplate(template, row.config);
    if (!url) throw new CapabilityError("fetch-invalid-request", "The settings do not fill the test's URL.");
    const { id, tenant_id: tenantId, config } = row;
    const fetch = egress.fetchCapability({
      network: manifest.permissions.network,
      connection: {
        id,
        tenantId,
        pluginId: manifest.id,
        auth,
        config,
        status: "active",
        credential: (how) => access.open({ tenantId, id }, { ...how, isTrial: true }),
      },
      log: logger.child({ tenantId, connectionId: id, plugin: manifest.id }),
    });
    const request = { method, url: url.href, headers: [], body: null, redirect: "follow" };
    const { status } = (await fetch(request, { signal } as never)) as { status: number };
    return status;
  }

  return {
    async run(row, signal) {
      const install = await installs.get(row.tenant_id, row.install_id);
      const manifest = await installs.manifest(install);
      if (!authDeclaration(manifest, row.auth_type)?.test) return undefined;
      const startedAt = performance.now();
      const result = (outcome: CheckOutcome, httpStatus: number | null): TrialResult => {
        return { outcome, httpStatus, durationMs: Math.round(performance.now() - startedAt) };
      };
      try {
        const status = await send(row, manifest, signal);
        return result(outcomeOfStatus(status), status);
      } catch (error) {
        if (!(error instanceof CapabilityError)) throw error;
        return result(outcomeOfRefusal(error.code), null);
      }
    },
  };
}

function outcomeOfStatus(status: number): CheckOutcome {
  if (status === 401 || status === 403) return "refused";
  return status < 400 ? "ok" : "failed";
}

function outcomeOfRefusal(code: CapabilityError["code"]): CheckOutcome {
  if (code === "connection-inactive" || code === "fetch-credential-unusable") return "refused";
  const isOnTheWay = ["fetch-timeout", "fetch-failed", "fetch-dns-failed"].includes(code);
  return isOnTheWay ? "unreachable" : "failed";
}
