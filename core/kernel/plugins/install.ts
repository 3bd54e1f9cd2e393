import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Receipt } from "@plugboard/plugin-sdk/trust";
import type { RegistryInstall } from "@plugboard/registry/client";
import { coreError } from "../../errors.ts";
import type { InstallStatus, PolicyRefusal, UpdateChannel } from "../../tables.ts";
import type { ReleaseName } from "./active-plugins.ts";
import type { InstallRow } from "./queries.ts";

/** A tenant has a plugin at a version, with the permissions it agreed to. */
export interface Install {
  id: string;
  tenantId: string;
  plugin: string;
  version: string;
  /** What the version says that it is, such as `crm`. */
  categories: string[];
  /** `disabled` too where the tenant's policy stops it. */
  status: InstallStatus;
  /** Null: the tenant's policy has nothing against it. */
  policyRefusal: PolicyRefusal | null;
  tarballSha512: string;
  /** The digest of the permissions that the tenant agreed to. */
  consent: string;
  /** How far it follows its plugin by itself. */
  channel: UpdateChannel;
  /** Goes up when a change of version may have changed the form of what is stored. */
  storageEpoch: number;
  /** What the registry said of the version when it was chosen just now. */
  warnings?: { code: string; message: string }[];
  createdAt: string;
  updatedAt: string;
}

export function toInstall(row: InstallRow): Install {
  return {
    id: row.id,
    tenantId: row.tenant_id,
    plugin: row.plugin,
    version: row.version,
    categories: row.categories,
    status: row.policy_refusal?.stops ? "disabled" : row.status,
    policyRefusal: row.policy_refusal,
    tarballSha512: row.tarball_sha512,
    consent: row.consent,
    channel: row.channel,
    storageEpoch: row.storage_epoch,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
}

/** The release that an install runs. */
export function releaseOf(
  install: Pick<Install, "plugin" | "version" | "tarballSha512" | "tenantId">,
): ReleaseName {
  const { plugin, version, tarballSha512, tenantId } = install;
  return { plugin, version, tarballSha512, tenantId };
}

/** An install as it was just recorded, with what the registry said to it. */
export function toNewInstall(row: InstallRow, { warnings }: Pick<RegistryInstall, "warnings">): Install {
  return { ...toInstall(row), ...(warnings && { warnings }) };
}

/** What of a receipt, and of the manifest of the release that it names, is kept beside it, to be looked up. */
export function toFacts(
  { version, tarballSha512, consent }: Receipt,
  receipt: string,
  manifest?: Pick<Manifest, "permissions" | "categories">,
) {
  const facts = { version, tarball_sha512: tarballSha512, consent, receipt };
  if (!manifest) return facts;
  const { permissions, categories = [] } = manifest;
  return { ...facts, permissions: JSON.stringify(permissions), categories };
}

/** Why calls of an install that is not active are refused. */
export function notActive({ plugin, policyRefusal }: Install) {
  if (!policyRefusal?.stops) {
    return coreError("install-disabled", `The install of ${plugin} is disabled; enable it first.`);
  }
  const { reasons } = policyRefusal;
  const detail = `The tenant's policy does not let ${plugin} run any more: ${reasons.join(" ")}`;
  return coreError("policy-refused", detail, { plugin, reasons });
}

export function installNotFound(id: string) {
  return coreError(
    "install-not-found",
    `This tenant has no install "${id}". GET /api/v1/installs lists them.`,
  );
}

export function alreadyInstalled(row: { id: string; plugin: string; version: string }) {
  return coreError(
    "already-installed",
    `${row.plugin} ${row.version} is installed already (${row.id}); change it with PATCH /api/v1/installs/${row.id}.`,
    { installId: row.id },
  );
}

export function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
