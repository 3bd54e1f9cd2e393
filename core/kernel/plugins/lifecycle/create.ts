import { type RegistryInstall, RegistryUnavailable } from "@plugboard/registry/client";
import type { UpdateChannel } from "../../../tables.ts";
import { alreadyInstalled, type Install, isCode, toFacts, toNewInstall } from "../install.ts";
import * as queries from "../queries.ts";
import { checkGivenConsent } from "../receipt.ts";
import { asCoreError } from "../registry-problems.ts";
import { type LifecycleParts, tell } from "./context.ts";
import type { ChangeLease } from "./lease.ts";

export interface InstallRequest {
  plugin: string;
  range?: string;
  /** The digest that `consent-required` gave: the tenant's yes to exactly those permissions. */
  consent?: string;
  /** How far it follows the plugin by itself; `pinned` if not given. */
  channel?: UpdateChannel;
}

/** Asks the registry, verifies what it answers, starts the plugin, runs its `install` hook, and only then records it. */
export async function createInstall(
  parts: LifecycleParts,
  tenantId: string,
  request: InstallRequest,
  lease: ChangeLease,
): Promise<Install> {
  const { db, registry } = parts;
  const recorded = await recordAtRegistry(parts, tenantId, request, lease);
  try {
    return await createRecorded(parts, tenantId, recorded, request, lease);
  } catch (error) {
    try {
      // The registry must not go on saying that this tenant has what it does not have. But the database may have done
      // what it could not answer any more.
      await lease.renew();
      if (!(await queries.findInstall(db, recorded.id))) await registry.removeInstall(tenantId, recorded.id);
    } catch {
      lease.leaveParted();
    }
    throw error;
  }
}

async function recordAtRegistry(
  { db, registry }: LifecycleParts,
  tenantId: string,
  { channel: _, ...wish }: InstallRequest,
  lease: ChangeLease,
): Promise<RegistryInstall> {
  const ask = async () => {
    await lease.renew();
    return registry.createInstall(tenantId, wish);
  };
  try {
    return await ask().catch(async (error) => {
      if (!isCode(error, "already-installed")) throw error;
      const here = await queries.findInstallOfPlugin(db, tenantId, wish.plugin);
      if (here) throw alreadyInstalled(here);
      // This host does not have it, and nobody else is changing it: what an earlier try left behind is taken back.
      const left = (await registry.listInstalls(tenantId)).find(({ plugin }) => plugin === wish.plugin);
      if (left) await registry.removeInstall(tenantId, left.id);
      return ask();
    });
  } catch (error) {
    // It may have heard the request all the same.
    if (error instanceof RegistryUnavailable) lease.leaveParted();
    throw asCoreError(error, wish.plugin);
  }
}

async function createRecorded(
  parts: LifecycleParts,
  tenantId: string,
  recorded: RegistryInstall,
  { plugin, consent, channel }: InstallRequest,
  lease: ChangeLease,
): Promise<Install> {
  const { changes, activePlugins, admission, hooks, history } = parts;
  const receipt = await admission.verify(tenantId, recorded, { plugin });
  checkGivenConsent(receipt, consent);
  return activePlugins.claim(receipt, async () => {
    const { manifest } = await admission.start(receipt);
    const { version, tarballSha512 } = receipt;
    const install = { id: recorded.id, tenantId, plugin, version, tarballSha512 };
    const staged = await hooks.run({ install, manifest, hook: "install", input: { version } });
    const record = () =>
      changes.transaction(parts.db, async (tx, announce) => {
        await announce("install", install.id, tenantId);
        await lease.end(tx);
        const facts = toFacts(receipt, recorded.receipt, manifest);
        const row = { ...facts, id: install.id, tenant_id: tenantId, plugin, status: "active" as const };
        const inserted = await queries.insertInstall(tx, {
          ...row,
          ...(channel !== undefined && { channel }),
        });
        if (!inserted) throw alreadyInstalled(recorded);
        const storageBefore = await staged.apply(tx);
        const release = { version, tarballSha512, consent: receipt.consent };
        const entry = { tenantId, installId: install.id, plugin, ...release, storageBefore };
        await history.append(tx, { ...entry, change: "installed", from: null });
        await tell(parts, tx, "plugboard.install.created", install, { version });
        return toNewInstall(inserted, recorded);
      });
    try {
      return await staged.inTurn(record);
    } finally {
      staged.close();
    }
  });
}
