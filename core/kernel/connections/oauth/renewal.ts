import { setTimeout as pause } from "node:timers/promises";
import type { PlugboardError } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { CapabilityError } from "../../capabilities/index.ts";
import type { Changes } from "../../changes/index.ts";
import type { StoredOAuth2, TokenSet } from "../../credentials/index.ts";
import type { OAuthClients } from "../../oauth-clients/index.ts";
import type { Installs } from "../../plugins/index.ts";
import type { CredentialBox } from "../credential-box.ts";
import type { Notices } from "../notices.ts";
import * as connectionQueries from "../queries.ts";
import { TokenFailure } from "./failure.ts";
import { leaseMs, type RenewalLease, underLease } from "./renewal-lease.ts";
import { tokenScene } from "./scene.ts";
import { createTokenStore, type Renewed, type StoredTokens } from "./store-tokens.ts";
import type { TokenEndpoint, TokenGrant, TokenScene } from "./token-endpoint.ts";

/** Keeps access tokens fresh. */
export interface Renewals {
  /**
   * Tokens that are good now. However many calls ask on however many hosts, one asks the vendor and all take its answer.
   * @param stale an access token that the vendor has refused
   * @throws CapabilityError `connection-inactive` if the vendor gives no more, `fetch-credential-unusable`, `fetch-failed`
   */
  fresh(
    row: connectionQueries.ConnectionRow,
    credential: StoredOAuth2,
    stale?: string,
  ): Promise<StoredTokens>;
}

export interface RenewalParts {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  installs: Pick<Installs, "get" | "manifest">;
  clients: Pick<OAuthClients, "use">;
  box: CredentialBox;
  endpoint: TokenEndpoint;
  notices: Notices;
  logger: Logger;
  now: () => number;
}

/** So long before its end a token is renewed; of a short life a quarter. */
const renewedAheadMs = 60_000;

const lookAgainMs = 50;

export function createRenewals(parts: RenewalParts): Renewals {
  const { db, installs, clients, box, endpoint, logger, now } = parts;
  const store = createTokenStore(parts);
  const underWay = new Map<string, Promise<StoredTokens>>();

  function isGood(tokens: TokenSet | undefined, stale: string | undefined, aheadMs = 0): tokens is TokenSet {
    if (!tokens || tokens.accessToken === stale) return false;
    return tokens.expiresAt === undefined || tokens.expiresAt - aheadMs > now();
  }

  function isFresh(tokens: TokenSet | undefined, stale: string | undefined): tokens is TokenSet {
    const lifetime = (tokens?.expiresAt ?? 0) - (tokens?.obtainedAt ?? 0);
    return isGood(tokens, stale, Math.min(renewedAheadMs, lifetime / 4));
  }

  /** As it is in the database, whatever is held in memory. */
  async function read(id: string): Promise<Held> {
    const row = await connectionQueries.findConnection(db, id);
    const credential = row && (await box.open(row));
    const isOver = row?.status_reason === "reauthorization-needed";
    if (row && credential?.type === "oauth2" && !isOver) return { row, credential };
    throw needsAuthorization();
  }

  /** All that is needed to ask; looking it up can take long, as where a key management service opens the client's secret. */
  async function prepare({ row, credential }: Held): Promise<Prepared> {
    const install = await installs.get(row.tenant_id, row.install_id);
    const manifest = await installs.manifest(install);
    const scene = await tokenScene(clients, manifest, { credential, config: row.config });
    return { row, credential, manifest, scene };
  }

  /** Waits for whoever is at it, on whatever host, or does it. */
  async function renew(id: string, stale: string | undefined): Promise<StoredTokens> {
    let prepared: Prepared | undefined;
    for (let waitedMs = 0; waitedMs <= 2 * leaseMs; waitedMs += lookAgainMs) {
      const held = await read(id);
      const { tokens } = held.credential;
      const version = held.row.credential_version;
      if (isFresh(tokens, stale)) return { tokens, version };
      try {
        if (prepared?.row.credential_version !== version) prepared = await prepare(held);
        const asked: Prepared = prepared;
        const renewed = await underLease(db, held.row, (lease) => ask(asked, lease));
        if (renewed) return renewed;
      } catch (error) {
        const why = whyNot(error);
        if (!why || why.code === "connection-inactive") throw error;
        const about = { tenantId: held.row.tenant_id, connectionId: id };
        logger.warn({ ...about, code: why.code, detail: why.message }, "a token could not be renewed");
        // It was asked for ahead of time: the next call asks again.
        if (isGood(tokens, stale)) return { tokens, version };
        throw why;
      }
      if (isGood(tokens, stale)) return { tokens, version };
      await pause(lookAgainMs);
    }
    throw new CapabilityError("fetch-failed", "Another request for a new token has not ended.");
  }

  /** @returns undefined if somebody else has got on with it meanwhile, and it is to be looked at anew */
  async function ask(prepared: Prepared, lease: RenewalLease): Promise<StoredTokens | undefined> {
    try {
      const grant = await askVendor(prepared, lease);
      return grant && (await store.keep(prepared, grant));
    } catch (error) {
      if (!(error instanceof TokenFailure) || error.kind !== "refused") throw error;
      if (!(await store.giveUp(prepared))) return undefined;
      const { tenant_id: tenantId, id: connectionId } = prepared.row;
      const about = { tenantId, connectionId, code: error.code };
      logger.warn(about, "the vendor gives no more tokens for a connection");
      throw needsAuthorization();
    }
  }

  /**
   * With a rotated refresh token the answer may have been lost, to us or within the vendor: then one is good that we think
   * is not. So all that may be are tried before a person is asked.
   * @returns undefined if the lease was lost on the way
   */
  async function askVendor(
    { scene, credential }: Prepared,
    lease: RenewalLease,
  ): Promise<TokenGrant | undefined> {
    if (credential.grant !== "authorization_code") return endpoint.request(scene, credential);
    const {
      refreshToken,
      previousRefreshToken,
      expiresAt = Number.POSITIVE_INFINITY,
    } = credential.tokens ?? {};
    if (refreshToken === undefined) {
      // One 401 of an API may be a mistake of its own: that the access token is over only its end says for certain.
      const isOver = !credential.tokens || expiresAt <= now();
      throw new TokenFailure(
        isOver ? "refused" : "client-refused",
        "no_refresh_token",
        "The vendor refuses the access token, or it is about to end, and gave no refresh token.",
      );
    }
    try {
      return await endpoint.refresh(scene, refreshToken);
    } catch (error) {
      const isRefused = error instanceof TokenFailure && error.kind === "refused";
      if (!isRefused || previousRefreshToken === undefined) throw error;
      if (!(await lease.extend())) return undefined;
      return endpoint.refresh(scene, previousRefreshToken);
    }
  }

  return {
    async fresh(row, credential, stale) {
      if (isFresh(credential.tokens, stale))
        return { tokens: credential.tokens, version: row.credential_version };
      const begun = underWay.get(row.id);
      const renewed = begun ?? renew(row.id, stale).finally(() => underWay.delete(row.id));
      if (!begun) underWay.set(row.id, renewed);
      const stored = await renewed;
      // Whoever began it may not have known yet that the vendor refuses this one.
      return stored.tokens.accessToken === stale ? renew(row.id, stale) : stored;
    },
  };
}

interface Held {
  row: connectionQueries.ConnectionRow;
  credential: StoredOAuth2;
}

type Prepared = Renewed & { scene: TokenScene };

/** What the plugin and the API are told; undefined for a mistake of ours. */
function whyNot(error: unknown): CapabilityError | undefined {
  if (error instanceof CapabilityError) return error;
  if (error instanceof TokenFailure) {
    const code = error.kind === "unanswered" ? "fetch-failed" : "fetch-credential-unusable";
    return new CapabilityError(code, error.message);
  }
  const code = error instanceof Error && "code" in error ? String((error as PlugboardError).code) : "";
  if (code !== "oauth-client-required" && code !== "oauth-client-mismatch") return undefined;
  return new CapabilityError("fetch-credential-unusable", (error as Error).message);
}

function needsAuthorization(): CapabilityError {
  return new CapabilityError(
    "connection-inactive",
    "The vendor gives no more tokens for this connection, or it was switched off: connect the account again.",
  );
}
