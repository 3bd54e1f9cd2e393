import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import { newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { ConnectionStatus, CoreDatabase } from "../../tables.ts";
import { CapabilityError } from "../capabilities/index.ts";
import { type Changes, createCachedLookup } from "../changes/index.ts";
import type { Credential } from "../credentials/index.ts";
import type { PageRequest } from "../paging.ts";
import type { Install, Installs } from "../plugins/index.ts";
import { configProblems, isAuthSupported, supportedAuth } from "./fit.ts";
import * as queries from "./queries.ts";
import type { Vault } from "./vault.ts";

/** A tenant's account at a vendor, as its owner sees it. The credential is not part of it and cannot be read back. */
export interface Connection {
  id: string;
  installId: string;
  plugin: string;
  name: string;
  status: ConnectionStatus;
  config: Record<string, unknown>;
  auth: { type: string };
  createdAt: string;
  updatedAt: string;
}

/** What a call through a connection needs; the credential is opened only when the broker asks for it. */
export interface ConnectionInUse {
  id: string;
  tenantId: string;
  installId: string;
  status: ConnectionStatus;
  config: Record<string, unknown>;
  authType: string;
  /** @throws CapabilityError `connection-inactive`, if the connection or its install is by now */
  credential(): Promise<Credential>;
}

export interface NewConnection {
  installId: string;
  name: string;
  config: Record<string, unknown>;
  auth: Credential;
}

export interface ConnectionChange {
  name?: string;
  status?: ConnectionStatus;
  config?: Record<string, unknown>;
  auth?: Credential;
}

export interface Connections {
  /** @throws `install-not-found`, `install-disabled`, `auth-not-supported`, `connection-config-invalid` */
  create(tenantId: string, input: NewConnection): Promise<Connection>;
  list(tenantId: string, page: PageRequest & { installId?: string }): Promise<Connection[]>;
  /** @throws `connection-not-found` */
  get(tenantId: string, id: string): Promise<Connection>;
  /** @throws `connection-not-found`, `auth-not-supported`, `connection-config-invalid` */
  update(tenantId: string, id: string, change: ConnectionChange): Promise<Connection>;
  /** @throws `connection-not-found` */
  remove(tenantId: string, id: string): Promise<void>;
  /** For a call: answered from memory when nothing changed. @throws `connection-not-found` */
  use(tenantId: string, id: string): Promise<ConnectionInUse>;
}

export function createConnections(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  vault: Vault;
  installs: Pick<Installs, "get" | "manifest">;
}): Connections {
  const { db, changes, vault, installs } = options;
  const rows = createCachedLookup({
    changes,
    topic: "connection",
    load: (id) => queries.findConnection(db, id),
  });

  async function toConnection(row: queries.ConnectionRow): Promise<Connection> {
    return {
      id: row.id,
      installId: row.install_id,
      plugin: (await installs.get(row.tenant_id, row.install_id)).plugin,
      name: row.name,
      status: row.status,
      config: row.config,
      auth: { type: row.auth_type },
      createdAt: row.created_at.toISOString(),
      updatedAt: row.updated_at.toISOString(),
    };
  }

  /**
   * Looks anew, and for each request: a call may have begun before its connection was switched off, removed or given
   * another credential, or its install disabled.
   */
  async function openCredential(tenantId: string, id: string): Promise<Credential> {
    const row = await rows.get(id);
    const isOn = row?.tenant_id === tenantId && row.status === "active";
    if (!isOn || (await installs.get(tenantId, row.install_id)).status !== "active") {
      throw new CapabilityError(
        "connection-inactive",
        "The connection or its install was switched off or removed while this call ran.",
      );
    }
    return vault.open({ tenantId, connectionId: id }, row.sealed_credential);
  }

  /** The row, if it is there and the tenant's own: another tenant's looks the same as none. */
  async function own(tenantId: string, id: string): Promise<queries.ConnectionRow> {
    const row = await rows.get(id);
    if (row?.tenant_id !== tenantId) throw notFound(id);
    return row;
  }

  return {
    async create(tenantId, { installId, name, config, auth }) {
      const install = await installs.get(tenantId, installId);
      refuseDisabled(install);
      const manifest = await installs.manifest(install);
      checkAuth(manifest, auth);
      checkConfig(manifest, config);
      const id = newId("con");
      const row = {
        id,
        tenant_id: tenantId,
        install_id: installId,
        name,
        config,
        auth_type: auth.type,
        sealed_credential: await vault.seal({ tenantId, connectionId: id }, auth),
        status: "active" as const,
      };
      const inserted = await db.transaction().execute(async (tx) => {
        await holdInstall(tx, install);
        return queries.insertConnection(tx, row);
      });
      return toConnection(inserted);
    },

    async list(tenantId, page) {
      return Promise.all((await queries.listConnections(db, tenantId, page)).map(toConnection));
    },

    async get(tenantId, id) {
      return toConnection(await own(tenantId, id));
    },

    async update(tenantId, id, change) {
      const { install_id } = await own(tenantId, id);
      const install = await installs.get(tenantId, install_id);
      const manifest = await installs.manifest(install);
      if (change.auth) checkAuth(manifest, change.auth);
      if (change.config) checkConfig(manifest, change.config);
      const sealed = change.auth && (await vault.seal({ tenantId, connectionId: id }, change.auth));
      const row = await changes.transaction(db, async (tx, announce) => {
        await announce("connection", id);
        if (change.auth || change.config) await holdInstall(tx, install);
        return queries.updateConnection(tx, tenantId, id, {
          ...(change.name !== undefined && { name: change.name }),
          ...(change.status !== undefined && { status: change.status }),
          ...(change.config !== undefined && { config: change.config }),
          ...(change.auth && sealed && { auth_type: change.auth.type, sealed_credential: sealed }),
        });
      });
      if (!row) throw notFound(id);
      return toConnection(row);
    },

    async remove(tenantId, id) {
      const removed = await changes.transaction(db, async (tx, announce) => {
        await announce("connection", id);
        return queries.deleteConnection(tx, tenantId, id);
      });
      if (!removed) throw notFound(id);
    },

    async use(tenantId, id) {
      const row = await own(tenantId, id);
      return {
        id: row.id,
        tenantId: row.tenant_id,
        installId: row.install_id,
        status: row.status,
        config: row.config,
        authType: row.auth_type,
        credential: () => openCredential(tenantId, id),
      };
    },
  };
}

function notFound(id: string) {
  return coreError(
    "connection-not-found",
    `This tenant has no connection "${id}". GET /api/v1/connections lists them.`,
  );
}

/**
 * Keeps the install as it is until the transaction ends: what was held against its version counts for that version.
 * @throws `install-not-found`, `install-changing` if it was removed, is being removed, or runs another version by now
 */
async function holdInstall(tx: Kysely<CoreDatabase>, { id, tenantId, plugin, tarballSha512 }: Install) {
  const held = await queries.holdInstall(tx, tenantId, id);
  if (!held) throw coreError("install-not-found", `The install "${id}" was removed in this moment.`);
  const isLeaving = await queries.isBeingUninstalled(tx, tenantId, plugin);
  if (held.tarball_sha512 === tarballSha512 && !isLeaving) return;
  throw coreError(
    "install-changing",
    `The install of ${plugin} was changed in this moment. Repeat the request.`,
    { retryable: true },
    { headers: { "Retry-After": "1" } },
  );
}

function refuseDisabled(install: Install): void {
  if (install.status === "active") return;
  throw coreError(
    "install-disabled",
    `The install of ${install.plugin} is disabled; enable it before you connect.`,
  );
}

function checkAuth(manifest: Manifest, auth: Credential): void {
  if (isAuthSupported(manifest, auth.type)) return;
  const supported = supportedAuth(manifest);
  throw coreError(
    "auth-not-supported",
    `${manifest.id} cannot be connected with "${auth.type}"; it takes ${supported.join(" or ") || "no credential at all"}.`,
    { supported },
  );
}

function checkConfig(manifest: Manifest, config: Record<string, unknown>): void {
  const problems = configProblems(manifest, config);
  if (problems.length === 0) return;
  throw coreError(
    "connection-config-invalid",
    `The configuration does not fit what ${manifest.id} expects.`,
    { problems },
  );
}
