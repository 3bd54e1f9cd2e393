import { newId } from "@plugboard/service-kit/crypto";
import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { OAuthClient } from "../../credentials/index.ts";
import type { OAuthClients } from "../../oauth-clients/index.ts";
import type { Installs } from "../../plugins/index.ts";
import type { Vault } from "../../vault/index.ts";
import type { CredentialBox } from "../credential-box.ts";
import type { ConnectionRow } from "../queries.ts";
import { endpointsOf } from "./endpoints.ts";
import { TokenFailure } from "./failure.ts";
import * as queries from "./queries.ts";
import { oauth2Declaration } from "./scene.ts";
import type { TokenEndpoint, TokenScene } from "./token-endpoint.ts";

/** Gives tokens back to the vendor (RFC 7009), as well as it goes: the connection is gone all the same. */
export interface Revocations {
  /**
   * Works out what is to be given back, before the transaction that deletes the connection: whoever holds one line to the
   * database and waits for a second one waits for all others that do so too.
   * @returns what orders it, in that transaction; undefined if there is nothing to give back
   */
  prepare(row: ConnectionRow): Promise<RevocationOrder | undefined>;
  /** At once, whatever comes of it. */
  now(row: ConnectionRow): Promise<void>;
}

export type RevocationOrder = (tx: Kysely<CoreDatabase>) => Promise<void>;

interface RevocationJob {
  tenantId: string;
  id: string;
}

/** All that is needed when connection, install and client may be gone. */
interface Revocation {
  plugin: string;
  auth: TokenScene["auth"];
  tokenUrl: string;
  revocationUrl: string;
  /** The tenant's own. The operator's is never kept beside: it is looked up when it is needed, if it still may be used. */
  client?: OAuthClient;
  tokens: { refreshToken?: string; accessToken: string };
}

export interface RevocationQueue {
  send(job: RevocationJob, tx: Kysely<CoreDatabase>): Promise<void>;
  connect(work: (job: RevocationJob) => Promise<void>): void;
}

/** To be made before the jobs are started. */
export function defineRevocationQueue({ jobs }: { jobs: Jobs }): RevocationQueue {
  const connected = Promise.withResolvers<(job: RevocationJob) => Promise<void>>();
  const queue = jobs.define<RevocationJob>("core.token-revocations", {
    // About an hour: a vendor that is down for longer keeps the tokens until they end by themselves.
    retryLimit: 8,
    retryDelaySeconds: 10,
    retryDelayMaxSeconds: 900,
    deadLetter: false,
    expireInSeconds: 60,
    async handler({ data }) {
      await (await connected.promise)(data);
    },
  });
  return {
    async send(job, transaction) {
      await jobs.send(queue, job, { transaction: transaction as never });
    },
    connect: connected.resolve,
  };
}

export function createRevocations(options: {
  db: Kysely<CoreDatabase>;
  queue: RevocationQueue;
  installs: Pick<Installs, "get" | "manifest">;
  clients: Pick<OAuthClients, "use">;
  vault: Vault;
  box: CredentialBox;
  endpoint: TokenEndpoint;
  logger: Logger;
}): Revocations {
  const { db, queue, installs, clients, vault, box, endpoint, logger } = options;
  queue.connect(carryOut);

  /** @returns undefined if there is nothing to give back, or no place to give it to */
  async function revocationOf(row: ConnectionRow): Promise<Revocation | undefined> {
    try {
      const credential = await box.open(row);
      if (credential?.type !== "oauth2" || !credential.tokens) return undefined;
      const manifest = await installs.manifest(await installs.get(row.tenant_id, row.install_id));
      const auth = oauth2Declaration(manifest, credential);
      const { tokenUrl, revocationUrl } = endpointsOf(manifest, auth, row.config);
      if (!revocationUrl) return undefined;
      const { client } = credential;
      // What the operator agreed to is the token endpoint. A version of the plugin may name any other place here.
      if (!client && revocationUrl.origin !== tokenUrl.origin) {
        const about = { connectionId: row.id, plugin: manifest.id, revocationUrl: revocationUrl.href };
        logger.warn(about, "tokens are not given back: the operator's client is not for this place");
        return undefined;
      }
      const { accessToken, refreshToken } = credential.tokens;
      return {
        plugin: manifest.id,
        auth,
        tokenUrl: tokenUrl.href,
        revocationUrl: revocationUrl.href,
        ...(client && { client }),
        tokens: { accessToken, ...(refreshToken !== undefined && { refreshToken }) },
      };
    } catch (err) {
      logger.warn({ connectionId: row.id, err }, "the tokens of a deleted connection cannot be given back");
      return undefined;
    }
  }

  async function revoke({ plugin, auth, tokens, ...revocation }: Revocation): Promise<void> {
    const client = revocation.client ?? (await clients.use(plugin, auth));
    const endpoints = {
      tokenUrl: new URL(revocation.tokenUrl),
      revocationUrl: new URL(revocation.revocationUrl),
      authorizationUrl: undefined,
      authorizationParams: {},
      tokenParams: {},
      callbackParams: {},
      audience: undefined,
    };
    const scene = { auth, client, endpoints };
    if (tokens.refreshToken !== undefined) await endpoint.revoke(scene, tokens.refreshToken, "refresh_token");
    // Most vendors end both with the first.
    await endpoint.revoke(scene, tokens.accessToken, "access_token");
  }

  async function carryOut({ tenantId, id }: RevocationJob): Promise<void> {
    const row = await queries.findRevocation(db, tenantId, id);
    if (!row) return;
    const sealed = { bytes: row.sealed_tokens, generation: row.key_generation };
    const text = await vault.open({ tenantId, kind: "revocation", id }, sealed);
    try {
      await revoke(JSON.parse(text));
    } catch (error) {
      // What was not answered is tried again; a refusal stays one.
      const code = finalCode(error);
      if (code === undefined) throw error;
      logger.warn({ tenantId, code }, "the vendor did not take tokens back");
    }
    await queries.deleteRevocation(db, tenantId, id);
  }

  return {
    async prepare(row) {
      const revocation = await revocationOf(row);
      if (!revocation) return undefined;
      const { tenant_id: tenantId } = row;
      const id = newId("rev");
      const { bytes, generation } = await vault.seal(
        { tenantId, kind: "revocation", id },
        JSON.stringify(revocation),
      );
      return async (tx) => {
        await queries.insertRevocation(tx, {
          id,
          tenant_id: tenantId,
          sealed_tokens: bytes,
          key_generation: generation,
        });
        await queue.send({ tenantId, id }, tx);
      };
    },

    async now(row) {
      const revocation = await revocationOf(row);
      if (!revocation) return;
      await revoke(revocation).catch((error: unknown) => {
        const code = error instanceof TokenFailure ? error.code : (finalCode(error) ?? "unknown");
        logger.warn({ tenantId: row.tenant_id, code }, "the vendor did not take tokens back");
      });
    },
  };
}

/** Why it is of no use to try again; undefined if it may be. */
function finalCode(error: unknown): string | undefined {
  if (error instanceof TokenFailure) return error.kind === "unanswered" ? undefined : error.code;
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return code === "oauth-client-required" || code === "oauth-client-mismatch" ? code : undefined;
}
