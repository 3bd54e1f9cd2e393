import { RegistryUnavailable } from "@plugboard/registry/client";
import { coreError } from "../../../errors.ts";
import { type Install, installNotFound, isCode, releaseOf } from "../install.ts";
import * as queries from "../queries.ts";
import { asCoreError } from "../registry-problems.ts";
import { type LifecycleParts, tell } from "./context.ts";
import type { StagedChange } from "./hooks.ts";
import type { ChangeLease } from "./lease.ts";

/** Why a plugin's code is not asked before it goes: it cannot be, and must not keep itself installed thereby. */
const cannotRun = [
  "plugin-load-failed",
  "release-not-trusted",
  "release-blocked",
  "plugin-quarantined",
  "registry-unavailable",
];

/**
 * Runs the plugin's `uninstall` hook and takes the install away, first at the registry. While the lease is held no
 * connection is put under it.
 *
 * @param isForced a hook that fails is no reason to stay
 */
export async function uninstall(
  parts: LifecycleParts,
  install: Install,
  { isForced }: { isForced: boolean },
  lease: ChangeLease,
): Promise<void> {
  const { id, tenantId, plugin } = install;
  await parts.db.transaction().execute(async (tx) => {
    // Waits for a connection that is being made.
    if (!(await queries.lockInstall(tx, tenantId, id))) throw installNotFound(id);
    const connections = await queries.listConnectionIds(tx, tenantId, id);
    if (connections.length > 0) throw inUse(install, connections);
  });
  const staged = await runHook(parts, install).catch((error) => {
    if (!isForced) throw error;
    return undefined;
  });
  await lease.renew();
  await parts.registry.removeInstall(tenantId, id).catch((error) => {
    const answer = asCoreError(error, plugin);
    if (isCode(answer, "install-not-found")) return;
    // It may have heard the request all the same.
    if (error instanceof RegistryUnavailable) lease.leaveParted();
    throw answer;
  });
  await removeInstall(parts, install, lease, staged).catch((error) => {
    lease.leaveParted();
    throw error;
  });
}

/** Takes away what the registry says is uninstalled, with all that the plugin stored. */
export async function removeInstall(
  parts: Pick<LifecycleParts, "db" | "changes" | "events">,
  install: Install,
  lease?: ChangeLease,
  staged?: Pick<StagedChange, "tell"> | undefined,
): Promise<void> {
  const { id, tenantId, version } = install;
  await parts.changes.transaction(parts.db, async (tx, announce) => {
    await announce("install", id, tenantId);
    await lease?.end(tx);
    await queries.deleteInstall(tx, tenantId, id);
    await staged?.tell(tx);
    await tell(parts, tx, "plugboard.install.removed", install, { version });
  });
}

async function runHook(
  { activePlugins, hooks }: LifecycleParts,
  install: Install,
): Promise<StagedChange | undefined> {
  try {
    const { manifest } = await activePlugins.get(releaseOf(install));
    // What it stores now goes with the install, or must not stay when it is kept: it is never applied.
    const staged = await hooks.run({
      install,
      manifest,
      hook: "uninstall",
      input: { version: install.version },
    });
    staged.close();
    return staged;
  } catch (error) {
    const reason = reasonOf(error);
    if (!cannotRun.includes(reason)) throw error;
    return undefined;
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("members" in error && isCode(error, "lifecycle-hook-failed"))
    return String((error.members as { reason?: unknown }).reason);
  return "code" in error ? String(error.code) : "";
}

function inUse(install: Install, connections: string[]) {
  return coreError(
    "install-in-use",
    `${connections.length} connection(s) stand under this install of ${install.plugin}; delete them first.`,
    { connections },
  );
}
