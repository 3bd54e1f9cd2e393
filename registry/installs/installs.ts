import type { Receipt } from "@plugboard/plugin-sdk/trust";
import { newId } from "@plugboard/service-kit/crypto";
import semver from "semver";
import type { Catalog, PublishedVersion } from "../catalog/index.ts";
import { registryError } from "../errors.ts";
import { logEnd } from "../log/index.ts";
import type { Chosen, Policies } from "../policies/index.ts";
import { countInstall, countUninstall } from "../statistics/index.ts";
import type { InstallChange, InstallStatus, RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import { requireConsent } from "./consent.ts";
import * as queries from "./queries.ts";

export interface Install {
  id: string;
  plugin: string;
  version: string;
  status: InstallStatus;
  consent: string;
  /** Compact JWS: the registry's word that this tenant has this tarball, under this consent. */
  receipt: string;
  /** What the tenant should know of the version it gets; not said again later. */
  warnings?: InstallWarning[];
  createdAt: string;
  updatedAt: string;
}

export interface InstallWarning {
  code: "version-yanked" | "version-deprecated" | "version-passed-over";
  message: string;
}

export interface InstallHistoryEntry {
  change: InstallChange;
  version: string;
  consent: string;
  at: string;
}

export interface Installs {
  /** @throws `plugin-not-found`, `no-matching-version`, `version-blocked`, `already-installed`, `entitlement-required`, `consent-required` */
  install(
    tenantId: string,
    wish: {
      plugin: string;
      range: string;
      consent?: string | undefined;
      /** Who asks, as `Identity.caller`: of the host that has shown this token, the install is. */
      caller?: string | undefined;
    },
  ): Promise<Install>;
  /**
   * Moves the install to the highest version that satisfies the range, up or down.
   *
   * @param wish.ifVersion which version it must be at: a request that comes late changes nothing
   * @param wish.setsBack the host did not carry out the change to `ifVersion`: what it was at before, and runs, is not
   *   asked for again, so neither a block nor the tenant's policy nor what it paid stands in the way of the record
   * @throws `install-not-found`, `install-ended`, `install-changed`, `no-matching-version`, `entitlement-required`,
   *   `consent-required`; the old version stays
   */
  change(
    tenantId: string,
    id: string,
    wish: {
      range: string;
      consent?: string | undefined;
      ifVersion?: string | undefined;
      setsBack?: boolean | undefined;
    },
  ): Promise<Install>;
  /** Ends the install; its history stays. Ending it twice is no error. @throws `install-not-found` */
  uninstall(tenantId: string, id: string): Promise<void>;
  /** @throws `install-not-found` */
  get(tenantId: string, id: string): Promise<Install & { history: InstallHistoryEntry[] }>;
  /** In the order of creation; one more than `limit` tells that there is a next page. */
  list(
    tenantId: string,
    page: { status: InstallStatus; limit: number; after: string | undefined },
  ): Promise<Install[]>;
}

export function createInstalls(options: {
  db: RegistryDatabase;
  catalog: Catalog;
  trust: Trust;
  policies: Pick<Policies, "requireAllowed" | "choose">;
  /** @throws `entitlement-required` where the version costs something and the tenant may not run it */
  requireEntitlement(on: RegistryDatabase, tenantId: string, version: PublishedVersion): Promise<void>;
  now: () => Date;
}): Installs {
  const { db, catalog, trust, policies, requireEntitlement, now } = options;

  async function receiptFor(
    on: RegistryDatabase,
    install: { id: string; tenantId: string },
    version: PublishedVersion,
    at: Date,
  ) {
    // Read before a key is chosen, so that a key which is retired in this moment counts for it.
    const { seq } = await logEnd(on);
    const receipt: Receipt = {
      installId: install.id,
      tenantId: install.tenantId,
      plugin: version.plugin,
      version: version.version,
      tarballSha512: version.sha512,
      consent: version.consent,
      seq,
      issuedAt: at.toISOString(),
    };
    return trust.sign(on, "receipt", receipt);
  }

  /** A receipt by a key that was stolen since, or ended before, is worth nothing to the host that has it: it gets the same anew. */
  async function withSoundReceipt(row: queries.InstallRow): Promise<queries.InstallRow> {
    if (row.status !== "active" || !(await trust.isOutlived(row.receipt))) return row;
    const version = await catalog.version({ tenantId: row.tenant_id }, row.plugin, row.version);
    const receipt = await receiptFor(db, { id: row.id, tenantId: row.tenant_id }, version, now());
    return queries.replaceReceipt(db, row, receipt);
  }

  async function refuseSecond(tenantId: string, plugin: string): Promise<void> {
    const existing = await queries.findActiveInstall(db, tenantId, plugin);
    if (!existing) return;
    const detail = `This tenant has ${plugin} already, as ${existing.id}. Change the version with PATCH.`;
    throw registryError("already-installed", detail, { installId: existing.id });
  }

  return {
    async install(tenantId, { plugin, range, consent, caller }) {
      const chosen = await policies.choose({ tenantId, plugin, range });
      const { version } = chosen;
      await refuseSecond(tenantId, plugin);
      await policies.requireAllowed(db, tenantId, version);
      await requireEntitlement(db, tenantId, version);
      requireConsent(version, { given: consent, standing: false, held: undefined });

      const at = now();
      const id = newId("ins");
      const receipt = await receiptFor(db, { id, tenantId }, version, at);
      const facts = { version: version.version, consent: version.consent, receipt };
      const row = await db.transaction().execute(async (transaction) => {
        const inserted = await queries.insertInstall(transaction, {
          id,
          tenant_id: tenantId,
          plugin,
          ...facts,
          made_by: caller,
          at,
        });
        if (inserted)
          await queries.appendHistory(transaction, { install_id: id, change: "installed", ...facts, at });
        if (inserted) await countInstall(transaction, { id, plugin, tenantId, at });
        return inserted;
      });
      if (row) return { ...toInstall(row), ...warningsOf(chosen) };
      // Another request was faster between the look and the insert.
      await refuseSecond(tenantId, plugin);
      return this.install(tenantId, { plugin, range, consent, caller });
    },

    async change(tenantId, id, { range, consent, ifVersion, setsBack }) {
      const found = await queries.findInstall(db, tenantId, id);
      if (!found) throw notFound(id);
      const isWayBack =
        setsBack === true && ifVersion !== undefined && (await queries.findVersionBefore(db, id)) === range;
      const { plugin } = found;
      const chosen = isWayBack
        ? { version: await catalog.version({ tenantId }, plugin, range), passedOver: undefined }
        : await policies.choose({ tenantId, plugin, range, held: found.version });
      const { version } = chosen;
      return db.transaction().execute(async (transaction) => {
        const row = await queries.lockInstall(transaction, id);
        if (row.status !== "active")
          throw registryError("install-ended", `The install ${id} was uninstalled.`);
        if (ifVersion !== undefined && ifVersion !== row.version) throw changedSince(row, ifVersion);
        if (version.version === row.version) return { ...toInstall(row), ...passedOver(chosen) };

        if (isWayBack) {
          // Once more, now that nobody changes it.
          if ((await queries.findVersionBefore(transaction, id)) !== range)
            throw changedSince(row, ifVersion ?? "");
        } else {
          await policies.requireAllowed(transaction, tenantId, version);
          await requireEntitlement(transaction, tenantId, version);
        }
        const held = await queries.findPermissions(transaction, row.plugin, row.version);
        const standing = await queries.wasConsentedTo(transaction, id, version.consent);
        requireConsent(version, { given: consent, standing, held });

        const at = now();
        const receipt = await receiptFor(transaction, { id, tenantId }, version, at);
        const facts = { version: version.version, consent: version.consent, receipt };
        const change = semver.gt(version.version, row.version) ? "upgraded" : "rolled-back";
        await queries.appendHistory(transaction, { install_id: id, change, ...facts, at });
        const changed = await queries.changeInstall(transaction, id, { ...facts, updated_at: at });
        return { ...toInstall(changed), ...warningsOf(chosen) };
      });
    },

    async uninstall(tenantId, id) {
      if (!(await queries.findInstall(db, tenantId, id))) throw notFound(id);
      await db.transaction().execute(async (transaction) => {
        const row = await queries.lockInstall(transaction, id);
        if (row.status !== "active") return;
        const at = now();
        const { version, consent } = row;
        await queries.endInstall(transaction, id, at);
        const entry = { install_id: id, change: "uninstalled", version, consent, receipt: null, at } as const;
        await queries.appendHistory(transaction, entry);
        await countUninstall(transaction, { plugin: row.plugin, at });
      });
    },

    async get(tenantId, id) {
      const found = await queries.findInstall(db, tenantId, id);
      if (!found) throw notFound(id);
      const row = await withSoundReceipt(found);
      const history = await queries.listHistory(db, id);
      return {
        ...toInstall(row),
        history: history.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() })),
      };
    },

    async list(tenantId, page) {
      return (await queries.listInstalls(db, { tenantId, ...page })).map(toInstall);
    },
  };
}

function passedOver({ version: { plugin, version }, passedOver }: Chosen): Pick<Install, "warnings"> {
  if (!passedOver) return {};
  const why = passedOver.breaches.map(({ message }) => message).join(" ");
  const message = `The tenant's policy does not allow ${plugin} ${passedOver.version}: ${why} It stays at ${version}, the newest that is allowed.`;
  return { warnings: [{ code: "version-passed-over", message }] };
}

function warningsOf(chosen: Chosen): Pick<Install, "warnings"> {
  const { plugin, version, yanked, deprecated } = chosen.version;
  const warnings: InstallWarning[] = [...(passedOver(chosen).warnings ?? [])];
  if (yanked) {
    const message = `The publisher has withdrawn ${plugin} ${version}: it is given out only to whoever names it.`;
    warnings.push({ code: "version-yanked", message });
  }
  if (deprecated) {
    const instead = deprecated.replacement ? ` Use ${deprecated.replacement} instead.` : "";
    const message = `${plugin} ${version} is deprecated: ${deprecated.message}${instead}`;
    warnings.push({ code: "version-deprecated", message });
  }
  return warnings.length > 0 ? { warnings } : {};
}

function changedSince({ id, version }: queries.InstallRow, expected: string) {
  const detail = `The install ${id} is at ${version}, not at ${expected} as the request expects; read it again.`;
  return registryError("install-changed", detail, { version });
}

function notFound(id: string) {
  return registryError("install-not-found", `This tenant has no install "${id}".`);
}

function toInstall(row: queries.InstallRow): Install {
  return {
    id: row.id,
    plugin: row.plugin,
    version: row.version,
    status: row.status,
    consent: row.consent,
    receipt: row.receipt,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}
