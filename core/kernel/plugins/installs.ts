import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Receipt } from "@plugboard/plugin-sdk/trust";
import type { RegistryClient, RegistryInstall } from "@plugboard/registry/client";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase, InstallStatus } from "../../tables.ts";
import { type Changes, createCachedLookup } from "../changes/index.ts";
import type { PageRequest } from "../paging.ts";
import type { ActivePlugins, ReleaseName } from "./active-plugins.ts";
import * as queries from "./queries.ts";
import { checkAgainstReceipt, checkConsent, checkGivenConsent, verifyReceipt } from "./receipt.ts";
import { asCoreError } from "./registry-problems.ts";
import type { TrustState } from "./trust-state.ts";

/** A tenant has a plugin at a version, with the permissions it agreed to. */
export interface Install {
  id: string;
  tenantId: string;
  plugin: string;
  version: string;
  status: InstallStatus;
  tarballSha512: string;
  /** The digest of the permissions that the tenant agreed to. */
  consent: string;
  createdAt: string;
  updatedAt: string;
}

export interface InstallRequest {
  plugin: string;
  range?: string;
  /** The digest that `consent-required` gave: the tenant's yes to exactly those permissions. */
  consent?: string;
}

export interface InstallChange {
  /** Another version to run: an upgrade, or a roll-back. */
  range?: string;
  consent?: string;
  status?: InstallStatus;
}

export interface Installs {
  /** Asks the registry, verifies what it answers, starts the plugin, and only then records the install. */
  create(tenantId: string, request: InstallRequest): Promise<Install>;
  list(tenantId: string, page: PageRequest): Promise<Install[]>;
  /** @throws `install-not-found` */
  get(tenantId: string, id: string): Promise<Install>;
  /** @throws `install-not-found`, `consent-required`, `no-matching-version`, … The old version stays when it fails. */
  update(tenantId: string, id: string, change: InstallChange): Promise<Install>;
  /** @throws `install-not-found`, `install-in-use` */
  remove(tenantId: string, id: string): Promise<void>;
  /** Which of `plugins` the tenant has. */
  ofPlugins(
    tenantId: string,
    plugins: string[],
  ): Promise<Pick<Install, "id" | "plugin" | "version" | "status">[]>;
  /** The manifest of the version that the install runs. */
  manifest(install: Install): Promise<Manifest>;
}

export function createInstalls(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  registry: Pick<RegistryClient, "createInstall" | "updateInstall" | "removeInstall" | "listInstalls">;
  activePlugins: ActivePlugins;
  trust: TrustState;
}): Installs {
  const { db, changes, registry, activePlugins, trust } = options;
  const installs = createCachedLookup({
    changes,
    topic: "install",
    async load(id) {
      const row = await queries.findInstall(db, id);
      if (!row) return undefined;
      // The row only points at what the registry signed: a row that was altered runs nothing.
      await checkAgainstReceipt(row, await trust.registryKeys());
      return toInstall(row);
    },
  });

  async function own(tenantId: string, id: string): Promise<Install> {
    const install = await installs.get(id);
    if (install?.tenantId !== tenantId) throw notFound(id);
    return install;
  }

  /**
   * Verifies the registry's answer and starts the plugin, before any row says that it is installed.
   *
   * @param asked what the answer has to be about: a receipt of another install is as well signed as this one's
   */
  async function admit(
    tenantId: string,
    recorded: RegistryInstall,
    asked: { plugin: string; id?: string },
  ): Promise<Receipt> {
    const receipt = await verifyReceipt({ ...recorded, ...asked }, tenantId, await trust.registryKeys());
    const { plugin, version, tarballSha512 } = receipt;
    const { manifest } = await activePlugins.probe({ plugin, version, tarballSha512 });
    checkConsent(receipt, manifest);
    return receipt;
  }

  async function createAdmitted(
    tenantId: string,
    recorded: RegistryInstall,
    { plugin, consent }: InstallRequest,
  ): Promise<Install> {
    const receipt = await admit(tenantId, recorded, { plugin });
    checkGivenConsent(receipt, consent);
    const facts = toFacts(receipt, recorded.receipt);
    const row = await changes.transaction(db, async (tx, announce) => {
      await announce("install", recorded.id);
      return queries.insertInstall(tx, {
        ...facts,
        id: recorded.id,
        tenant_id: tenantId,
        plugin,
        status: "active",
      });
    });
    if (row) return toInstall(row);
    throw alreadyInstalled((await queries.findInstallOfPlugin(db, tenantId, plugin)) ?? recorded);
  }

  async function changeAdmitted(
    before: Install,
    recorded: RegistryInstall,
    status: InstallStatus | undefined,
  ): Promise<Install> {
    const { id, tenantId, plugin } = before;
    const receipt = await admit(tenantId, recorded, { id, plugin });
    const row = await changes.transaction(db, async (tx, announce) => {
      await announce("install", id);
      // The status stays what it is by now: somebody may have disabled the install since.
      const change = { ...toFacts(receipt, recorded.receipt), ...(status !== undefined && { status }) };
      return queries.changeInstall(tx, tenantId, id, change);
    });
    if (!row) throw notFound(id);
    return toInstall(row);
  }

  /**
   * The registry has the install and this host does not: either it is being installed at this moment, or a host
   * stopped between the two. What was left behind is taken back, so that the tenant can ask again.
   */
  async function replaceLost(tenantId: string, request: InstallRequest): Promise<RegistryInstall> {
    const found = (await registry.listInstalls(tenantId)).find(({ plugin }) => plugin === request.plugin);
    if (found && Date.now() - Date.parse(found.createdAt) < installingAtMostMs) throw alreadyInstalled(found);
    if (found) await registry.removeInstall(tenantId, found.id);
    return registry.createInstall(tenantId, request);
  }

  async function recordAtRegistry(tenantId: string, request: InstallRequest): Promise<RegistryInstall> {
    try {
      return await registry.createInstall(tenantId, request);
    } catch (error) {
      const answer = asCoreError(error, request.plugin);
      if (!isCode(answer, "already-installed")) throw answer;
      const here = await queries.findInstallOfPlugin(db, tenantId, request.plugin);
      if (here) throw alreadyInstalled(here);
      return replaceLost(tenantId, request).catch((again) => {
        throw asCoreError(again, request.plugin);
      });
    }
  }

  return {
    async create(tenantId, request) {
      const recorded = await recordAtRegistry(tenantId, request);
      try {
        return await createAdmitted(tenantId, recorded, request);
      } catch (error) {
        // The registry must not go on saying that this tenant has what it does not have. Should this fail too,
        // a later attempt replaces what was left behind.
        await registry.removeInstall(tenantId, recorded.id).catch(() => {});
        throw error;
      }
    },

    async list(tenantId, page) {
      return (await queries.listInstalls(db, tenantId, page)).map(toInstall);
    },

    get: own,

    async update(tenantId, id, { status, range, consent }) {
      const before = await own(tenantId, id);
      if (range !== undefined) {
        const recorded = await registry
          .updateInstall(tenantId, id, { range, ...(consent !== undefined && { consent }) })
          .catch((error) => {
            throw asCoreError(error, before.plugin);
          });
        return changeAdmitted(before, recorded, status).catch(async (error) => {
          // The old version goes on running here, so the registry must go on saying so.
          await registry
            .updateInstall(tenantId, id, { version: before.version, consent: before.consent })
            .catch(() => {});
          throw error;
        });
      }
      if (status === undefined) return before;
      const row = await changes.transaction(db, async (tx, announce) => {
        await announce("install", id);
        return queries.setInstallStatus(tx, tenantId, id, status);
      });
      if (!row) throw notFound(id);
      return toInstall(row);
    },

    async remove(tenantId, id) {
      const install = await own(tenantId, id);
      const row = await changes.transaction(db, async (tx, announce) => {
        await announce("install", id);
        // Waits for a connection that is being made, and keeps new ones out.
        const locked = await queries.lockInstall(tx, tenantId, id);
        const connections = await queries.listConnectionIds(tx, tenantId, id);
        if (connections.length > 0) throw inUse(install, connections);
        await queries.deleteInstall(tx, tenantId, id);
        return locked;
      });
      if (!row) throw notFound(id);
      // Not inside the transaction: a registry in this process waits for the same few connections to the database.
      await registry.removeInstall(tenantId, id).catch(async (error) => {
        const answer = asCoreError(error, install.plugin);
        if (isCode(answer, "install-not-found")) return;
        await changes.transaction(db, async (tx, announce) => {
          await announce("install", id);
          await queries.insertInstall(tx, row);
        });
        throw answer;
      });
    },

    ofPlugins: (tenantId, plugins) => queries.listInstallsOfPlugins(db, tenantId, plugins),

    async manifest(install) {
      return (await activePlugins.get(releaseOf(install))).manifest;
    },
  };
}

/** Longer than any install takes from the registry's word to this host's own. */
const installingAtMostMs = 120_000;

/** The release that an install runs. */
export function releaseOf(install: Pick<Install, "plugin" | "version" | "tarballSha512">): ReleaseName {
  return { plugin: install.plugin, version: install.version, tarballSha512: install.tarballSha512 };
}

/** What of a receipt is kept beside it, to be looked up. */
function toFacts({ version, tarballSha512, consent }: Receipt, receipt: string) {
  return { version, tarball_sha512: tarballSha512, consent, receipt };
}

function toInstall(row: queries.InstallRow): Install {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    plugin: row.plugin,
    version: row.version,
    status: row.status,
    tarballSha512: row.tarball_sha512,
    consent: row.consent,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

function notFound(id: string) {
  return coreError(
    "install-not-found",
    `This tenant has no install "${id}". GET /api/v1/installs lists them.`,
  );
}

function inUse(install: Install, connections: string[]) {
  return coreError(
    "install-in-use",
    `${connections.length} connection(s) stand under this install of ${install.plugin}; delete them first.`,
    { connections },
  );
}

function alreadyInstalled(row: { id: string; plugin: string; version: string }) {
  return coreError(
    "already-installed",
    `${row.plugin} ${row.version} is installed already (${row.id}); change it with PATCH /api/v1/installs/${row.id}.`,
    { installId: row.id },
  );
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
