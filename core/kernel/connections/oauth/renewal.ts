import { randomUUID } from "node:crypto";
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
import { configProblems } from "../fit.ts";
import type { Notices } from "../notices.ts";
import * as connectionQueries from "../queries.ts";
import { TokenFailure } from "./failure.ts";
import * as queries from "./queries.ts";
import { tokenScene } from "./scene.ts";
import type { TokenEndpoint, TokenGrant, TokenScene } from "./token-endpoint.ts";

/** Keeps access tokens fresh. */
export interface Renewals {
  /**
   * Tokens that are good now. However many calls ask on however many hosts, one asks the vendor and all take its answer.
   * @param stale an access token that the vendor has refused
   * @throws CapabilityError `connection-inactive` if the vendor gives no more, `fetch-credential-unusable`, `fetch-failed`
   */
  fresh(row: connectionQueries.ConnectionRow, credential: StoredOAuth2, stale?: string): Promise<TokenSet>;
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

/** Longer than asking the vendor takes, twice. Who is killed while asking keeps others waiting no longer than this. */
const leaseMs = 30_000;

const lookAgainMs = 50;

/** Tokens that came are stored if the database is there within this many tries, a second after the other. */
const storeTries = 10;

export function createRenewals(parts: RenewalParts): Renewals {
  const { db, changes, installs, clients, box, endpoint, notices, logger, now } = parts;
  const underWay = new Map<string, Promise<TokenSet>>();

  function isGood(tokens: TokenSet | undefined, stale: string | undefined, aheadMs = 0): tokens is TokenSet {
    if (!tokens || tokens.accessToken === stale) return false;
    return tokens.expiresAt === undefined || tokens.expiresAt - aheadMs > now();
  }

  function isFresh(tokens: TokenSet | undefined, stale: string | undefined): tokens is TokenSet {
    const lifetime = (tokens?.expiresAt ?? 0) - (tokens?.obtainedAt ?? 0);
    return isGood(tokens, stale, Math.min(renewedAheadMs, lifetime / 4));
  }

  /** As it is in the database, whatever is held in memory. */
  async function read(id: string) {
    const row = await connectionQueries.findConnection(db, id);
    const credential = row && (await box.open(row));
    const isOver = row?.status_reason === "reauthorization-needed";
    if (row && credential?.type === "oauth2" && !isOver) return { row, credential };
    throw needsAuthorization();
  }

  /** Waits for whoever is at it, on whatever host, or does it. */
  async function renew(id: string, stale: string | undefined): Promise<TokenSet> {
    const token = randomUUID();
    for (let waitedMs = 0; waitedMs <= 2 * leaseMs; waitedMs += lookAgainMs) {
      const isOurs = await queries.takeRenewal(db, id, token, leaseMs);
      if (isOurs) {
        try {
          const { row, credential } = await read(id);
          return isFresh(credential.tokens, stale) ? credential.tokens : await ask(row, credential, stale);
        } finally {
          await queries.endRenewal(db, id, token).catch(() => {}); // it ends by itself
        }
      }
      const { tokens } = (await read(id)).credential;
      if (isGood(tokens, stale)) return tokens;
      await pause(lookAgainMs);
    }
    throw new CapabilityError("fetch-failed", "Another request for a new token has not ended.");
  }

  async function ask(
    row: connectionQueries.ConnectionRow,
    credential: StoredOAuth2,
    stale: string | undefined,
  ): Promise<TokenSet> {
    try {
      const install = await installs.get(row.tenant_id, row.install_id);
      const manifest = await installs.manifest(install);
      const scene = await tokenScene(clients, manifest, { credential, config: row.config });
      const { tokens, settings } = await askVendor(scene, credential);
      const config = { ...row.config, ...settings };
      const isTaken = Object.keys(settings).length > 0 && configProblems(manifest, config).length === 0;
      return await keep(row, succeeding(credential.tokens, tokens), credential, isTaken ? config : undefined);
    } catch (error) {
      const about = { tenantId: row.tenant_id, connectionId: row.id };
      if (error instanceof TokenFailure && error.kind === "refused") {
        await giveUp(row, credential);
        logger.warn({ ...about, code: error.code }, "the vendor gives no more tokens for a connection");
        throw needsAuthorization();
      }
      const why = whyNot(error);
      if (!why) throw error;
      logger.warn({ ...about, code: why.code, detail: why.message }, "a token could not be renewed");
      // It was asked for ahead of time: the next call asks again.
      if (isGood(credential.tokens, stale)) return credential.tokens;
      throw why;
    }
  }

  /**
   * With a rotated refresh token the answer may have been lost, to us or within the vendor: then one is good that we think
   * is not. So all that may be are tried before a person is asked.
   */
  async function askVendor(scene: TokenScene, credential: StoredOAuth2): Promise<TokenGrant> {
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
      return endpoint.refresh(scene, previousRefreshToken);
    }
  }

  /** Stores what came: the tokens before may be void by now, so this is tried for longer than anything else. */
  async function keep(
    row: connectionQueries.ConnectionRow,
    tokens: TokenSet,
    credential: StoredOAuth2,
    config: Record<string, unknown> | undefined,
  ): Promise<TokenSet> {
    const { tenant_id: tenantId, id, credential_version: version } = row;
    for (let tries = 1; ; tries++) {
      try {
        const sealed = await box.seal({ tenantId, id }, { ...credential, tokens });
        await changes.transaction(db, async (tx, announce) => {
          await announce("connection", id);
          const patch = { ...sealed, ...(config && { config }) };
          // Another credential given meanwhile, by its owner, stays.
          await connectionQueries.updateConnection(tx, tenantId, id, patch, { version });
        });
        return tokens;
      } catch (error) {
        if (tries === storeTries) throw error;
        logger.warn({ connectionId: id, err: error }, "new tokens could not be stored; trying again");
        await pause(1_000);
      }
    }
  }

  /** Unless it has got another credential meanwhile. */
  async function giveUp(row: connectionQueries.ConnectionRow, credential: StoredOAuth2): Promise<void> {
    const reason =
      credential.grant === "authorization_code" ? "reauthorization-needed" : "credential-refused";
    await changes.transaction(db, async (tx, announce) => {
      const changed = await connectionQueries.updateConnection(
        tx,
        row.tenant_id,
        row.id,
        { status: "error", status_reason: reason },
        { version: row.credential_version, statuses: ["active", "testing"] },
      );
      if (!changed) return;
      await announce("connection", row.id);
      await notices.failed(changed, reason, tx);
    });
  }

  return {
    async fresh(row, credential, stale) {
      if (isFresh(credential.tokens, stale)) return credential.tokens;
      const begun = underWay.get(row.id);
      const renewed = begun ?? renew(row.id, stale).finally(() => underWay.delete(row.id));
      if (!begun) underWay.set(row.id, renewed);
      const tokens = await renewed;
      // Whoever began it may not have known yet that the vendor refuses this one.
      return tokens.accessToken === stale ? renew(row.id, stale) : tokens;
    },
  };
}

/** RFC 6749, section 6: a refresh token that is not replaced stays good. */
function succeeding(before: TokenSet | undefined, came: TokenSet): TokenSet {
  const { refreshToken, refreshExpiresAt } = before ?? {};
  if (refreshToken === undefined) return came;
  if (came.refreshToken === undefined || came.refreshToken === refreshToken) {
    return { refreshToken, ...(refreshExpiresAt !== undefined && { refreshExpiresAt }), ...came };
  }
  return { ...came, previousRefreshToken: refreshToken };
}

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
