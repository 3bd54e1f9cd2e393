import { generateDataKey, type KeyManagement, open, seal } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { OAuthClient, OAuthGrant } from "../credentials/index.ts";
import type { PageRequest } from "../paging.ts";
import * as queries from "./queries.ts";

/** What the operator registered with a vendor, as it is shown: never the secret. */
export interface RegisteredClient {
  plugin: string;
  clientId: string;
  hasSecret: boolean;
  /** The token endpoint that gets the secret, as the plugin's manifest writes it. */
  tokenUrl: string;
  /** What it may be used for. */
  grants: OAuthGrant[];
  createdAt: string;
  updatedAt: string;
}

/** The operator's applications at vendors, one for each plugin. Every tenant's connections may use them. */
export interface OAuthClients {
  /** @param client without `grants` it is for people's accounts alone: `authorization_code` */
  put(
    plugin: string,
    client: OAuthClient & { tokenUrl: string; grants?: OAuthGrant[] },
  ): Promise<RegisteredClient>;
  /** In the order of the plugins' names. */
  list(page: PageRequest): Promise<RegisteredClient[]>;
  /** @throws `oauth-client-not-found` */
  remove(plugin: string): Promise<void>;
  /**
   * The client for a plugin that asks for tokens so, at `tokenUrl` (as its manifest writes it).
   * @throws `oauth-client-required`, `oauth-client-mismatch`
   */
  use(plugin: string, asks: { tokenUrl: string; grant: OAuthGrant }): Promise<OAuthClient>;
}

export function createOAuthClients(options: { db: Kysely<CoreDatabase>; keys: KeyManagement }): OAuthClients {
  const { db, keys } = options;

  async function sealSecret(plugin: string, secret: string | undefined) {
    if (secret === undefined) return { wrapped_data_key: null, sealed_secret: null };
    const dataKey = generateDataKey();
    return {
      wrapped_data_key: await keys.wrap(dataKey),
      sealed_secret: seal(dataKey, secret, boundTo(plugin)),
    };
  }

  return {
    async put(plugin, { clientId, clientSecret, tokenUrl, grants = ["authorization_code"] }) {
      const row = { plugin, client_id: clientId, token_url: tokenUrl, grants };
      return toClient(await queries.putClient(db, { ...row, ...(await sealSecret(plugin, clientSecret)) }));
    },

    async list(page) {
      return (await queries.listClients(db, page)).map(toClient);
    },

    async remove(plugin) {
      if (await queries.deleteClient(db, plugin)) return;
      throw coreError(
        "oauth-client-not-found",
        `This host keeps no OAuth client for ${plugin}. GET /api/v1/oauth-clients lists them.`,
      );
    },

    async use(plugin, { tokenUrl, grant }) {
      const row = await queries.findClient(db, plugin);
      if (!row) {
        throw coreError(
          "oauth-client-required",
          `This host keeps no OAuth client for ${plugin}: give "client" with the connection's auth, or have the operator register one.`,
          { plugin },
        );
      }
      // A later version of the plugin may name another place, which must not get the operator's secret by that.
      if (row.token_url !== tokenUrl) {
        throw coreError(
          "oauth-client-mismatch",
          `The OAuth client of ${plugin} is for ${row.token_url}, and this version of the plugin asks at ${tokenUrl}. If that is right, the operator has to say so.`,
          { plugin, registered: row.token_url, declared: tokenUrl },
        );
      }
      // Nor may it speak for the operator's application itself, when the operator meant people who agree.
      if (!row.grants.includes(grant)) {
        throw coreError(
          "oauth-client-required",
          `The OAuth client that this host keeps for ${plugin} is for ${row.grants.join(", ")}, not for ${grant}: give "client" with the connection's auth, or have the operator add the grant.`,
          { plugin, registered: row.grants, declared: grant },
        );
      }
      const client = { clientId: row.client_id };
      if (!row.sealed_secret || !row.wrapped_data_key) return client;
      const dataKey = await keys.unwrap(row.wrapped_data_key);
      return { ...client, clientSecret: open(dataKey, row.sealed_secret, boundTo(plugin)).toString("utf8") };
    },
  };
}

function toClient(row: Awaited<ReturnType<typeof queries.putClient>>): RegisteredClient {
  return {
    plugin: row.plugin,
    clientId: row.client_id,
    hasSecret: row.has_secret,
    tokenUrl: row.token_url,
    grants: row.grants,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** What the sealed secret is bound to. */
function boundTo(plugin: string): string {
  return `oauth-client:${plugin}`;
}
