import { setTimeout as pause } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { Changes } from "../../changes/index.ts";
import type { StoredOAuth2, TokenSet } from "../../credentials/index.ts";
import type { CredentialBox } from "../credential-box.ts";
import { configProblems } from "../fit.ts";
import type { Notices } from "../notices.ts";
import * as connectionQueries from "../queries.ts";
import type { TokenGrant } from "./token-endpoint.ts";

/** A connection as it was when its tokens were asked for. */
export interface Renewed {
  row: connectionQueries.ConnectionRow;
  credential: StoredOAuth2;
  manifest: Manifest;
}

/** Tokens, and the `credential_version` that they are stored under. */
export interface StoredTokens {
  tokens: TokenSet;
  version: number;
}

/**
 * Writes down what came of asking for tokens. `credential_version` is the fence: whoever was away for so long that another
 * host has stored newer ones, or that the owner gave another credential, writes nothing.
 */
export interface TokenStore {
  /** @returns undefined if the connection has another credential by now, or is gone */
  keep(of: Renewed, grant: TokenGrant): Promise<StoredTokens | undefined>;
  /** The vendor gives no more. @returns false if the connection has another credential by now: then nothing follows from it */
  giveUp(of: Renewed): Promise<boolean>;
}

/** Tokens that came are stored if the database is there within this many tries, a second after the other. */
const storeTries = 10;

export function createTokenStore(parts: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  box: CredentialBox;
  notices: Notices;
  logger: Logger;
}): TokenStore {
  const { db, changes, box, notices, logger } = parts;

  /** Per setting: what its owner says meanwhile was said later than the vendor was asked, and stays. */
  function settingsToTake(
    { row, manifest }: Renewed,
    { config }: connectionQueries.ConnectionRow,
    told: Record<string, unknown>,
  ): Record<string, unknown> | undefined {
    const untouched = Object.entries(told).filter(([name]) =>
      isDeepStrictEqual(config[name], row.config[name]),
    );
    const settings = Object.fromEntries(untouched);
    if (untouched.length === 0) return undefined;
    if (configProblems(manifest, { ...config, ...settings }).length === 0) return settings;
    const about = { tenantId: row.tenant_id, connectionId: row.id, settings: Object.keys(settings) };
    logger.warn(about, "settings that the vendor told with new tokens do not fit the plugin");
    return undefined;
  }

  return {
    /** The tokens before may be void by now, so this is tried for longer than anything else. */
    async keep(of, { tokens: came, settings: told }) {
      const { row, credential } = of;
      const { tenant_id: tenantId, id, credential_version: version } = row;
      const tokens = succeeding(credential.tokens, came);
      for (let tries = 1; ; tries++) {
        try {
          const sealed = await box.seal({ tenantId, id }, { ...credential, tokens });
          return await changes.transaction(db, async (tx, announce) => {
            await announce("connection", id);
            const held = await connectionQueries.holdConnection(tx, id);
            if (held?.credential_version !== version) return undefined;
            const settings = settingsToTake(of, held, told);
            // Another host asked meanwhile with the refresh token that these came for, and was told that it is over.
            const comesBack = held.status === "error" && held.status_reason === "reauthorization-needed";
            const changed = await connectionQueries.updateConnection(
              tx,
              tenantId,
              id,
              {
                ...sealed,
                ...(settings && { settings }),
                ...(comesBack && { status: "active", status_reason: null }),
              },
              { version },
            );
            if (changed && comesBack) await notices.recovered(changed, tx);
            return changed && { tokens, version: changed.credential_version };
          });
        } catch (error) {
          if (tries === storeTries) throw error;
          logger.warn({ connectionId: id, err: error }, "new tokens could not be stored; trying again");
          await pause(1_000);
        }
      }
    },

    async giveUp({ row: { tenant_id: tenantId, id, credential_version: version }, credential }) {
      const reason =
        credential.grant === "authorization_code" ? "reauthorization-needed" : "credential-refused";
      return changes.transaction(db, async (tx, announce) => {
        const held = await connectionQueries.holdConnection(tx, id);
        if (held?.credential_version !== version) return false;
        const isUsed = held.status === "active" || held.status === "testing";
        // Switched off it stays off, and whoever switches it on again is to know.
        if (!isUsed && held.status !== "inactive") return true;
        await announce("connection", id);
        const status = isUsed ? "error" : held.status;
        const patch = { status, status_reason: reason } as const;
        const changed = await connectionQueries.updateConnection(tx, tenantId, id, patch);
        if (changed && isUsed) await notices.failed(changed, reason, tx);
        return true;
      });
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
