import { fillUrlTemplate, type Manifest } from "@plugboard/plugin-sdk/manifest";
import { newId } from "@plugboard/service-kit/crypto";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CheckOutcome, CoreDatabase } from "../../../tables.ts";
import { CapabilityError, type EgressBroker, type EgressConnection } from "../../capabilities/index.ts";
import { authDeclaration } from "../../credentials/index.ts";
import type { Installs } from "../../plugins/index.ts";
import { awaitsSettings } from "../fit.ts";
import type { CredentialAccess } from "../open-credential.ts";
import type { ConnectionRow } from "../queries.ts";
import * as connectionQueries from "../queries.ts";

/** How one try of a credential went. */
export interface TrialResult {
  /** `refused`: the vendor did not take the credential. `unreachable`: it could not be asked. `failed`: anything else. */
  outcome: CheckOutcome;
  httpStatus: number | null;
  durationMs: number;
  /** The `credential_version` that was tried. */
  version: number;
}

/** Tries a connection's credential with the request that its plugin declares for that, through the broker. */
export interface Trials {
  /** @returns undefined if the plugin declares none */
  run(row: ConnectionRow, signal: AbortSignal): Promise<TrialResult | undefined>;
  /** Only whether the host has something to send, for which tokens that are about to end are renewed. */
  open(row: ConnectionRow): Promise<TrialResult>;
}

export function createTrials(options: {
  db: Kysely<CoreDatabase>;
  egress: EgressBroker;
  access: CredentialAccess;
  installs: Pick<Installs, "get" | "manifest">;
  logger: Logger;
}): Trials {
  const { db, egress, access, installs, logger } = options;

  /** The connection with the settings that its vendor tells with a token, where the plugin needs them. */
  async function withTold(
    row: ConnectionRow,
    manifest: Manifest,
    open: EgressConnection["credential"],
  ): Promise<ConnectionRow> {
    const isComplete = ({ config, auth_type }: ConnectionRow) => !awaitsSettings(manifest, config, auth_type);
    if (isComplete(row)) return row;
    const opened = await open();
    const after = await connectionQueries.findConnection(db, row.id);
    if (after && isComplete(after)) return after;
    // It came without them, or before they were asked for. Where nobody has to agree another one costs nothing.
    if (opened.type === "oauth2" && row.auth_type !== "oauth2/authorization_code") {
      await open({ staleAccessToken: opened.accessToken });
      const again = await connectionQueries.findConnection(db, row.id);
      if (again && isComplete(again)) return again;
    }
    throw new CapabilityError(
      "fetch-invalid-request",
      "The vendor did not tell settings that the plugin needs.",
    );
  }

  async function send(
    of: ConnectionRow,
    manifest: Manifest,
    open: EgressConnection["credential"],
    signal: AbortSignal,
  ): Promise<number> {
    const row = await withTold(of, manifest, open);
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
        credential: open,
      },
      log: logger.child({ tenantId, connectionId: id, plugin: manifest.id }),
      isCheck: true,
    });
    const request = { method, url: url.href, headers: [], body: null, redirect: "follow" };
    const { status } = (await fetch(request, { callId: newId("call"), signal })) as { status: number };
    return status;
  }

  /** @param work gets what opens the credential, and gives the vendor's status if it was asked */
  async function tried(
    { id, tenant_id: tenantId, credential_version }: ConnectionRow,
    work: (open: EgressConnection["credential"]) => Promise<number | null>,
  ): Promise<TrialResult> {
    // What is renewed on the way has another version than the row.
    let version = credential_version;
    const onVersion = (opened: number) => {
      version = opened;
    };
    const startedAt = performance.now();
    const result = (outcome: CheckOutcome, httpStatus: number | null): TrialResult => {
      return { outcome, httpStatus, durationMs: Math.round(performance.now() - startedAt), version };
    };
    try {
      const status = await work((how) => access.open({ tenantId, id }, { ...how, isTrial: true, onVersion }));
      return result(outcomeOfStatus(status), status);
    } catch (error) {
      if (!(error instanceof CapabilityError)) throw error;
      return result(outcomeOfRefusal(error.code), null);
    }
  }

  const manifestOf = async (row: ConnectionRow) =>
    installs.manifest(await installs.get(row.tenant_id, row.install_id));

  return {
    async run(row, signal) {
      const manifest = await manifestOf(row);
      if (!authDeclaration(manifest, row.auth_type)?.test) return undefined;
      return tried(row, (open) => send(row, manifest, open, signal));
    },

    async open(row) {
      const manifest = await manifestOf(row);
      return tried(row, async (open) => {
        await open();
        await withTold(row, manifest, open);
        return null;
      });
    },
  };
}

function outcomeOfStatus(status: number | null): CheckOutcome {
  if (status === null) return "ok";
  if (status === 401 || status === 403) return "refused";
  return status < 400 ? "ok" : "failed";
}

function outcomeOfRefusal(code: CapabilityError["code"]): CheckOutcome {
  if (code === "connection-inactive" || code === "fetch-credential-unusable") return "refused";
  const isOnTheWay = ["fetch-timeout", "fetch-failed", "fetch-dns-failed"].includes(code);
  return isOnTheWay ? "unreachable" : "failed";
}
