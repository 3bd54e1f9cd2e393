import type { RequestsDeclaration } from "@plugboard/plugin-sdk/manifest";
import { newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import { holdTenant } from "../access/index.ts";
import { type Announce, type CachedLookup, type Changes, createCachedLookup } from "../changes/index.ts";
import { authMethodOf, type CredentialInput } from "../credentials/index.ts";
import type { LimitReached, Limits } from "../limits/index.ts";
import type { PageRequest } from "../paging.ts";
import type { Install, Installs } from "../plugins/index.ts";
import { checkAuth, checkConfig, checkMethod, checkOwnRequests } from "./check-input.ts";
import { type Connection, type ConnectionInUse, toConnection } from "./connection.ts";
import { statusWith } from "./connection-status.ts";
import type { CredentialBox } from "./credential-box.ts";
import { awaitsSettings } from "./fit.ts";
import type { ConnectionHealth } from "./health/index.ts";
import { holdInstall } from "./hold-install.ts";
import type { Revocations } from "./oauth/index.ts";
import type { CredentialAccess } from "./open-credential.ts";
import { type ConnectionChange, isAsBefore, planChange } from "./planned-change.ts";
import * as queries from "./queries.ts";

export interface NewConnection {
  installId: string;
  name: string;
  config: Record<string, unknown>;
  requests?: RequestsDeclaration | null;
  /** Without one, `method` says which is to come. */
  auth?: CredentialInput;
  method?: string;
}

export interface Connections {
  /**
   * @throws `install-not-found`, `install-disabled`, `auth-not-supported`, `credential-invalid`, `connection-config-invalid`,
   * `connections-limit-exceeded`, `tenant-not-found`
   */
  create(tenantId: string, input: NewConnection): Promise<Connection>;
  list(tenantId: string, page: PageRequest & queries.ConnectionFilter): Promise<Connection[]>;
  /** @throws `connection-not-found` */
  get(tenantId: string, id: string): Promise<Connection>;
  /** @throws as `create`, and `connection-not-found`, `connection-has-no-credential` */
  update(tenantId: string, id: string, change: ConnectionChange): Promise<Connection>;
  /** Its tokens are given back to the vendor, in the background. @throws `connection-not-found` */
  remove(tenantId: string, id: string): Promise<void>;
  /** For a call: answered from memory when nothing changed. @throws `connection-not-found` */
  use(tenantId: string, id: string): Promise<ConnectionInUse>;
}

/** The rows of connections, as they are remembered. */
export function createConnectionRows(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
}): CachedLookup<queries.ConnectionRow> {
  const { db, changes } = options;
  return createCachedLookup({
    changes,
    topic: "connection",
    load: (id) => queries.findConnection(db, id),
  });
}

export function createConnections(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  rows: CachedLookup<queries.ConnectionRow>;
  box: CredentialBox;
  access: CredentialAccess;
  revocations: Pick<Revocations, "prepare">;
  health: Pick<ConnectionHealth, "lookSoon">;
  /** Has those that are due looked at now. */
  lookNow: () => void;
  installs: Pick<Installs, "get" | "manifest">;
  limits: Pick<Limits, "connectionsPerTenant">;
  limitReached: LimitReached;
}): Connections {
  const { db, changes, rows, box, access, revocations, health, lookNow, installs, limitReached } = options;
  const { connectionsPerTenant: most } = options.limits;

  async function shown(row: queries.ConnectionRow): Promise<Connection> {
    return toConnection(row, await installs.get(row.tenant_id, row.install_id));
  }

  /** The row, if it is there and the tenant's own: another tenant's looks the same as none. */
  async function own(tenantId: string, id: string): Promise<queries.ConnectionRow> {
    const row = await rows.get(id);
    if (row?.tenant_id !== tenantId) throw notFound(id);
    return row;
  }

  return {
    async create(tenantId, { installId, name, config, requests = null, auth, method = methodOf(auth) }) {
      const install = await installs.get(tenantId, installId);
      refuseDisabled(install);
      const manifest = await installs.manifest(install);
      if (auth) checkAuth(manifest, auth);
      else checkMethod(manifest, method);
      checkConfig(manifest, config, method);
      if (requests) checkOwnRequests(manifest, requests);
      const id = newId("con");
      const row = {
        id,
        tenant_id: tenantId,
        install_id: installId,
        name,
        config,
        requests,
        auth_type: method,
        ...(auth ? await box.seal({ tenantId, id }, auth) : noCredential),
        status: statusWith(auth, awaitsSettings(manifest, config, method)),
      };
      const inserted = await changes.transaction(db, async (tx, announce) => {
        // Alone, so that nobody else makes one between the count and this.
        await holdTenant(tx, tenantId, { alone: true });
        await refuseMore(tx, tenantId, install.plugin);
        await holdInstall(tx, install);
        const created = await queries.insertConnection(tx, row);
        await lookSoon(created, tx, announce);
        return created;
      });
      if (isAwaited(inserted)) lookNow();
      return shown(inserted);
    },

    async list(tenantId, page) {
      return Promise.all((await queries.listConnections(db, tenantId, page)).map(shown));
    },

    async get(tenantId, id) {
      return shown(await own(tenantId, id));
    },

    async update(tenantId, id, wish) {
      for (;;) {
        const before = await queries.findConnection(db, id);
        if (before?.tenant_id !== tenantId) throw notFound(id);
        const changed = await changeFrom(before, wish);
        if (changed && isAwaited(changed)) lookNow();
        if (changed) return shown(changed);
        // Its tokens were renewed meanwhile, or it was checked or changed: what follows from the wish is worked out anew.
      }
    },

    async remove(tenantId, id) {
      for (;;) {
        const row = await queries.findConnection(db, id);
        if (row?.tenant_id !== tenantId) throw notFound(id);
        const order = await revocations.prepare(row);
        const isRemoved = await changes.transaction(db, async (tx, announce) => {
          await announce("connection", id);
          if (!(await queries.deleteConnection(tx, row))) return false;
          await announce("connection-gone", id);
          await order?.(tx);
          return true;
        });
        if (isRemoved) return;
        // Its tokens were renewed meanwhile, or it is gone: looked at anew, so that the new ones are given back.
      }
    },

    async use(tenantId, id) {
      const row = await own(tenantId, id);
      return {
        id: row.id,
        tenantId: row.tenant_id,
        installId: row.install_id,
        status: row.status,
        config: row.config,
        requests: row.requests ?? undefined,
        authType: row.auth_type,
        credential: (how) => access.open({ tenantId, id }, how),
      };
    },
  };

  /** @returns undefined if the row is not as it was in `before` any more; nothing is changed then */
  async function changeFrom(
    before: queries.ConnectionRow,
    wish: ConnectionChange,
  ): Promise<queries.ConnectionRow | undefined> {
    const { id, tenant_id: tenantId } = before;
    const { install, patch, isOfVersion, isToBeTried } = await planChange({ installs, box }, before, wish);
    return changes.transaction(db, async (tx, announce) => {
      await holdTenant(tx, tenantId);
      if (isOfVersion) await holdInstall(tx, install);
      const held = await queries.holdConnection(tx, id);
      if (!held || !isAsBefore(held, before)) return undefined;
      await announce("connection", id);
      const changed = await queries.updateConnection(tx, tenantId, id, patch);
      if (changed && isToBeTried) await lookSoon(changed, tx, announce);
      return changed;
    });
  }

  /** What needs a token before anybody can call it gets one now, and not at the next round. */
  function isAwaited({ status, status_reason }: queries.ConnectionRow): boolean {
    return status === "testing" && status_reason === null;
  }

  function lookSoon(row: queries.ConnectionRow, tx: Kysely<CoreDatabase>, announce: Announce): Promise<void> {
    return health.lookSoon(row, tx, announce, { isAtOnce: isAwaited(row) });
  }

  async function refuseMore(tx: Kysely<CoreDatabase>, tenantId: string, plugin: string): Promise<void> {
    if ((await queries.countConnections(tx, tenantId, most)) < most) return;
    limitReached(plugin, "connectionsPerTenant");
    throw coreError(
      "connections-limit-exceeded",
      `This tenant has ${most} connections, and may not have more. Delete some, or have the operator raise connectionsPerTenant.`,
      { limit: most },
    );
  }
}

const noCredential = { sealed_credential: null, key_generation: null, credential_expires_at: null };

const methodOf = (auth: CredentialInput | undefined): string => (auth ? authMethodOf(auth) : "");

function notFound(id: string) {
  return coreError(
    "connection-not-found",
    `This tenant has no connection "${id}". GET /api/v1/connections lists them.`,
  );
}

function refuseDisabled(install: Install): void {
  if (install.status === "active") return;
  throw coreError(
    "install-disabled",
    `The install of ${install.plugin} is disabled; enable it before you connect.`,
  );
}
