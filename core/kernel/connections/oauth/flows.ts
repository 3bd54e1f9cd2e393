import { hash } from "node:crypto";
import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import * as oauth from "oauth4webapi";
import { coreError } from "../../../errors.ts";
import type { ConnectionStatus, CoreDatabase } from "../../../tables.ts";
import { holdTenant } from "../../access/index.ts";
import type { CachedLookup, Changes } from "../../changes/index.ts";
import type { StoredOAuth2 } from "../../credentials/index.ts";
import type { LimitReached, Limits } from "../../limits/index.ts";
import type { OAuthClients } from "../../oauth-clients/index.ts";
import type { Installs } from "../../plugins/index.ts";
import type { Vault } from "../../vault/index.ts";
import type { CredentialBox } from "../credential-box.ts";
import { configProblems } from "../fit.ts";
import type { ConnectionHealth } from "../health/index.ts";
import type { Notices } from "../notices.ts";
import * as connectionQueries from "../queries.ts";
import { checkAnswer, outcomeOf, Refusal } from "./answer.ts";
import { TokenFailure } from "./failure.ts";
import * as queries from "./queries.ts";
import { checkReturn } from "./return-url.ts";
import { tokenScene } from "./scene.ts";
import { scopeOf, type TokenEndpoint, type TokenScene } from "./token-endpoint.ts";

/** A person's way to the vendor and back (RFC 6749, section 4.1, with PKCE). */
export interface OAuthFlows {
  /**
   * @throws `connection-not-found`, `authorization-not-possible`, `return-url-not-allowed`, `oauth-client-required`,
   * `oauth-client-mismatch`, `authorizations-limit-exceeded`, `tenant-not-found`
   */
  begin(
    by: { tenantId: string; keyId: string },
    id: string,
    returnUrl: string | undefined,
  ): Promise<BegunFlow>;
  /** @param plugin in whose name the person came back; `parameters` are all that came. Never throws for what came. */
  finish(plugin: string, parameters: URLSearchParams): Promise<FinishedFlow>;
}

export interface BegunFlow {
  /** Where the person has to go. */
  url: string;
  /** What has to be registered with the vendor. */
  redirectUri: string;
  expiresAt: string;
}

export interface FinishedFlow {
  /** `connected`, or why not. Never holds what the vendor or anybody else wrote. */
  outcome: string;
  connectionId?: string;
  tenantId?: string;
  returnUrl?: string;
}

interface Flow {
  codeVerifier: string;
  nonce?: string;
  redirectUri: string;
  returnUrl?: string;
  /** Where the code is to be shown. A connection that leads elsewhere by now does not get it. */
  tokenUrl: string;
  clientId: string;
}

/** As long as a person takes to log in, and to look for a second factor. */
const flowSeconds = 600;

/** Also what calls and checks make of a connection while a person is at the vendor. */
const switchedOn: ConnectionStatus[] = ["configuring", "testing", "active", "error"];

export interface FlowParts {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  rows: CachedLookup<connectionQueries.ConnectionRow>;
  installs: Pick<Installs, "get" | "manifest">;
  clients: Pick<OAuthClients, "use">;
  vault: Vault;
  box: CredentialBox;
  endpoint: TokenEndpoint;
  notices: Notices;
  health: Pick<ConnectionHealth, "lookSoon">;
  limits: Pick<Limits, "authorizationsPerTenant">;
  limitReached: LimitReached;
  logger: Logger;
  /** Of this host, as people's browsers reach it; without a slash at the end. */
  publicUrl: () => string;
  /** Origins that people may be sent back to. */
  returnOrigins: readonly string[];
}

export function createOAuthFlows(parts: FlowParts): OAuthFlows {
  const { db, changes, rows, installs, clients, vault, box, endpoint, notices, health, logger } = parts;

  /**
   * Each plugin has a place of its own to come back to (RFC 9700, section 4.4.2): an answer that was got from one vendor in
   * the name of another plugin comes to the wrong place.
   */
  function redirectUriOf(plugin: string): string {
    return `${parts.publicUrl()}/oauth/callback/${plugin}`;
  }

  async function sceneOf(row: connectionQueries.ConnectionRow): Promise<Scene> {
    const install = await installs.get(row.tenant_id, row.install_id);
    const manifest = await installs.manifest(install);
    const credential = (await box.open(row)) ?? ({ type: "oauth2", grant: "authorization_code" } as const);
    if (credential.type !== "oauth2" || row.auth_type !== "oauth2/authorization_code") {
      throw notPossible(
        "This connection does not authenticate with OAuth 2 and the grant authorization_code.",
      );
    }
    try {
      const scene = await tokenScene(clients, manifest, { credential, config: row.config });
      return { ...scene, row, manifest, credential };
    } catch (error) {
      throw error instanceof TokenFailure ? notPossible(error.message) : error;
    }
  }

  async function refuseMore(tx: Kysely<CoreDatabase>, tenantId: string, plugin: string): Promise<void> {
    const { authorizationsPerTenant: most } = parts.limits;
    const { count, firstEndsInSeconds } = await queries.countOpenFlows(tx, tenantId);
    if (count < most) return;
    parts.limitReached(plugin, "authorizationsPerTenant");
    throw coreError(
      "authorizations-limit-exceeded",
      `This tenant has ${most} links open for people to connect accounts with, and may not have more at a time. Repeat the request when one was used or has ended.`,
      { limit: most, retryable: true },
      { headers: { "Retry-After": String(firstEndsInSeconds ?? 1) } },
    );
  }

  async function open(row: NonNullable<Awaited<ReturnType<typeof queries.takeFlow>>>): Promise<Flow> {
    const owner = { tenantId: row.tenant_id, kind: "oauth-flow", id: row.state_hash } as const;
    const sealed = { bytes: row.sealed_flow, generation: row.key_generation };
    return JSON.parse(await vault.open(owner, sealed));
  }

  /** @throws Refusal, TokenFailure */
  async function exchange(
    plugin: string,
    parameters: URLSearchParams,
    state: string,
    scene: Scene,
    flow: Flow,
  ) {
    const { auth, endpoints, manifest, client, row } = scene;
    const isSame = endpoints.tokenUrl.href === flow.tokenUrl && client.clientId === flow.clientId;
    if (manifest.id !== plugin || flow.redirectUri !== redirectUriOf(plugin) || !isSame)
      throw new Refusal("wrong-place");
    for (const [name, value] of Object.entries(endpoints.callbackParams)) {
      if (parameters.getAll(name).join() !== value) throw new Refusal("wrong-account");
    }
    const checked = checkAnswer(scene, parameters, state);
    const { codeVerifier, nonce, redirectUri } = flow;
    const grant = await endpoint.exchange(scene, { parameters: checked, redirectUri, codeVerifier, nonce });
    const { tokens, settings } = grant;
    if (configProblems(manifest, { ...row.config, ...settings }).length > 0)
      throw new Refusal("settings-refused");
    return { auth, tokens, settings };
  }

  /**
   * Only in the place that they were asked for: they belong to the credential and the settings as these were read, and an
   * owner who switched the connection off meanwhile has the last word.
   */
  async function store(scene: Scene, { tokens, settings, auth }: Awaited<ReturnType<typeof exchange>>) {
    const { row, credential } = scene;
    const sealed = await box.seal({ tenantId: row.tenant_id, id: row.id }, { ...credential, tokens });
    await changes.transaction(db, async (tx, announce) => {
      await announce("connection", row.id);
      const patch = {
        ...sealed,
        ...(Object.keys(settings).length > 0 && { settings }),
        status: auth.test ? ("testing" as const) : ("active" as const),
        status_reason: null,
      };
      const changed = await connectionQueries.updateConnection(tx, row.tenant_id, row.id, patch, {
        version: row.credential_version,
        config: row.config,
        statuses: [...switchedOn, ...(row.status === "inactive" ? [row.status] : [])],
      });
      if (!changed) throw new Refusal("wrong-place");
      // Whoever tries it out now may be killed on the way.
      await health.lookSoon(row, tx, announce);
      await notices.connected(changed, tx);
    });
  }

  return {
    async begin({ tenantId, keyId }, id, returnUrl) {
      const row = await rows.get(id);
      if (row?.tenant_id !== tenantId) {
        throw coreError(
          "connection-not-found",
          `This tenant has no connection "${id}". GET /api/v1/connections lists them.`,
        );
      }
      if (returnUrl !== undefined) checkReturn(returnUrl, parts.returnOrigins);
      const { auth, endpoints, client, manifest } = await sceneOf(row);
      if (!endpoints.authorizationUrl) throw notPossible("The plugin declares no page to send a person to.");
      const state = oauth.generateRandomState();
      const flow: Flow = {
        codeVerifier: oauth.generateRandomCodeVerifier(),
        ...(auth.openid && { nonce: oauth.generateRandomNonce() }),
        redirectUri: redirectUriOf(manifest.id),
        ...(returnUrl !== undefined && { returnUrl }),
        tokenUrl: endpoints.tokenUrl.href,
        clientId: client.clientId,
      };
      const scope = scopeOf(auth);
      const url = new URL(endpoints.authorizationUrl);
      const asked = {
        ...endpoints.authorizationParams,
        response_type: "code",
        client_id: client.clientId,
        redirect_uri: flow.redirectUri,
        ...(scope !== "" && { scope }),
        state,
        code_challenge: await oauth.calculatePKCECodeChallenge(flow.codeVerifier),
        code_challenge_method: "S256",
        ...(flow.nonce !== undefined && { nonce: flow.nonce }),
      };
      for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value);
      const stateHash = hashOf(state);
      const sealed = await vault.seal({ tenantId, kind: "oauth-flow", id: stateHash }, JSON.stringify(flow));
      const begun = {
        state_hash: stateHash,
        tenant_id: tenantId,
        connection_id: id,
        key_id: keyId,
        sealed_flow: sealed.bytes,
        key_generation: sealed.generation,
      };
      const expiresAt = await db.transaction().execute(async (tx) => {
        await holdTenant(tx, tenantId, { alone: true });
        await refuseMore(tx, tenantId, manifest.id);
        return queries.insertFlow(tx, begun, flowSeconds);
      });
      return { url: url.href, redirectUri: flow.redirectUri, expiresAt: expiresAt.toISOString() };
    },

    async finish(plugin, parameters) {
      const [state = "", ...more] = parameters.getAll("state");
      // Taken before anything else is looked at: whatever comes of it, the state has been used.
      const found = more.length > 0 ? undefined : await queries.takeFlow(db, hashOf(state));
      if (!found?.is_open || !(await queries.isKeyGood(db, found.tenant_id, found.key_id)))
        return { outcome: "expired" };
      const { tenant_id: tenantId, connection_id: connectionId } = found;
      const flow = await open(found);
      const back = {
        connectionId,
        tenantId,
        ...(flow.returnUrl !== undefined && { returnUrl: flow.returnUrl }),
      };
      try {
        const row = await connectionQueries.findConnection(db, connectionId);
        if (row?.tenant_id !== tenantId) return { outcome: "expired" };
        const scene = await sceneOf(row);
        await store(scene, await exchange(plugin, parameters, state, scene, flow));
        return { outcome: "connected", ...back };
      } catch (error) {
        const outcome = outcomeOf(error);
        if (outcome === undefined) throw error;
        logger.warn({ tenantId, connectionId, plugin, outcome }, "an account was not connected");
        return { outcome, ...back };
      }
    },
  };
}

type Scene = TokenScene & {
  row: connectionQueries.ConnectionRow;
  manifest: Manifest;
  credential: StoredOAuth2;
};

function notPossible(detail: string) {
  return coreError("authorization-not-possible", detail);
}

function hashOf(state: string): string {
  return hash("sha256", state, "hex");
}
