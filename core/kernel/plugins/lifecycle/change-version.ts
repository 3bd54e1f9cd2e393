import type { Manifest } from "@plugboard/plugin-sdk/manifest";
import type { Receipt } from "@plugboard/plugin-sdk/trust";
import { type RegistryInstall, RegistryUnavailable } from "@plugboard/registry/client";
import semver from "semver";
import { coreError } from "../../../errors.ts";
import type { InstallChangeKind, InstallStatus } from "../../../tables.ts";
import { type Install, installNotFound, isCode, toFacts, toNewInstall } from "../install.ts";
import * as queries from "../queries.ts";
import { checkGivenConsent, notAgreed } from "../receipt.ts";
import { asCoreError } from "../registry-problems.ts";
import { checkConnectionsFit } from "./connections-fit.ts";
import { type InstallEvent, type LifecycleParts, tell } from "./context.ts";
import type { WayBack } from "./history.ts";
import type { StagedChange } from "./hooks.ts";
import type { ChangeLease } from "./lease.ts";

export interface VersionWish {
  /** Another version to run; the registry takes the highest one in it. */
  range: string;
  consent?: string;
  status?: InstallStatus;
  /** Nobody asked for it: the install must follow its plugin still, be at this version, and get what it has agreed to. */
  unaskedFrom?: string;
}

/** A change on its way: from what, to what the registry has recorded. */
interface Move {
  before: Install;
  recorded: RegistryInstall;
  change: Exclude<InstallChangeKind, "installed">;
  status?: InstallStatus | undefined;
  /** What the tenant has just said yes to. */
  given?: string | undefined;
  wayBack?: WayBack;
  /** The version, where nobody asked for it. */
  unasked?: string | undefined;
}

/** Puts an install on another version, up or down. Whatever fails on the way, the version before stays and serves. */
export async function changeVersion(
  parts: LifecycleParts,
  before: Install,
  { range, consent, status, unaskedFrom }: VersionWish,
  lease: ChangeLease,
): Promise<Install> {
  if (unaskedFrom !== undefined) requireUnchanged(before, unaskedFrom);
  const recorded = await moveAtRegistry(
    parts,
    before,
    { range, ...(consent !== undefined && { consent }) },
    lease,
  );
  const change = semver.gt(recorded.version, before.version) ? "upgraded" : "downgraded";
  const unasked = unaskedFrom === undefined ? undefined : range;
  return orSetBack(parts, { before, recorded, change, status, given: consent, unasked }, lease);
}

/** Takes the last change back that was not taken back before. */
export async function rollBack(parts: LifecycleParts, before: Install, lease: ChangeLease): Promise<Install> {
  const { history } = parts;
  const { id, tenantId, plugin } = before;
  const wayBack = await history.wayBack(tenantId, id);
  if (wayBack === "none") {
    throw noWayBack(`This install of ${plugin} has had no version before ${before.version}.`);
  }
  if (wayBack === "forgotten") {
    throw noWayBack(
      `What the change to ${plugin} ${before.version} wrote over in its storage is not kept any more.`,
    );
  }
  const { version } = wayBack.to;
  const recorded = await moveAtRegistry(parts, before, { version }, lease).catch((error) => {
    if (!isCode(error, "no-matching-version")) throw error;
    throw noWayBack(`The registry gives out ${plugin} ${version}, the version before, no more.`);
  });
  return orSetBack(parts, { before, recorded, change: "rolled-back", wayBack }, lease);
}

async function moveAtRegistry(
  { registry }: LifecycleParts,
  { id, tenantId, plugin, version }: Install,
  wish: { range: string; consent?: string } | { version: string },
  lease: ChangeLease,
): Promise<RegistryInstall> {
  await lease.renew();
  try {
    return await registry.updateInstall(tenantId, id, { ...wish, ifVersion: version });
  } catch (error) {
    // It may have heard the request all the same; or it is at another version than this host, and must not be.
    if (error instanceof RegistryUnavailable || isCode(error, "install-changed")) lease.leaveParted();
    throw asCoreError(error, plugin);
  }
}

/** The old version goes on running here, so the registry must go on saying so. */
async function orSetBack(parts: LifecycleParts, change: Move, lease: ChangeLease): Promise<Install> {
  const { db, registry } = parts;
  const { before, recorded } = change;
  const { id, tenantId, version, consent } = before;
  try {
    return await move(parts, change, lease);
  } catch (error) {
    try {
      await lease.renew();
      // The database may have done what it could not answer any more.
      const now = await queries.findInstall(db, id);
      if (now?.version === version)
        await registry.updateInstall(tenantId, id, {
          version,
          consent,
          ifVersion: recorded.version,
          setsBack: true,
        });
    } catch {
      lease.leaveParted();
    }
    throw error;
  }
}

async function move(parts: LifecycleParts, change: Move, lease: ChangeLease): Promise<Install> {
  const { before, recorded, wayBack, unasked } = change;
  const { id, tenantId, plugin } = before;
  const receipt = await parts.admission.verify(tenantId, recorded, { id, plugin });
  if (unasked !== undefined) {
    // Whatever the registry signs: nobody said yes to anything else.
    checkGivenConsent(receipt, before.consent);
    if (receipt.version !== unasked) throw otherThanAsked(receipt, unasked);
  }
  await requireAgreed(parts, change, receipt);
  if (wayBack && receipt.tarballSha512 !== wayBack.to.tarballSha512) {
    const detail = `The registry means another ${plugin} ${receipt.version} than the one that was installed before.`;
    throw coreError("release-not-trusted", detail);
  }
  if (receipt.tarballSha512 === before.tarballSha512) return keep(parts, change, receipt, lease);
  return parts.activePlugins.claim(receipt, () => swap(parts, change, receipt, lease));
}

/** The registry keeps what tenants have agreed to; this host holds it against its own record. @throws `release-not-trusted` */
async function requireAgreed({ history }: LifecycleParts, { before, given }: Move, receipt: Receipt) {
  if (receipt.consent === given || receipt.consent === before.consent) return;
  const install = { tenantId: before.tenantId, installId: before.id };
  if (!(await history.wasAgreedTo(install, receipt))) throw notAgreed(receipt);
}

/** The range leads to the version that runs already. */
async function keep(
  { db, changes }: LifecycleParts,
  { before, recorded, status }: Move,
  receipt: Receipt,
  lease: ChangeLease,
): Promise<Install> {
  const { id, tenantId } = before;
  return changes.transaction(db, async (tx, announce) => {
    await announce("install", id, tenantId);
    await lease.end(tx);
    const facts = { ...toFacts(receipt, recorded.receipt), ...(status !== undefined && { status }) };
    const row = await queries.changeInstall(tx, tenantId, id, facts);
    if (!row) throw installNotFound(id);
    return toNewInstall(row, recorded);
  });
}

/** So often the hook is run again because the version before wrote what it had read. */
const mostHookRuns = 3;

async function swap(
  parts: LifecycleParts,
  change: Move,
  receipt: Receipt,
  lease: ChangeLease,
): Promise<Install> {
  const { db, admission, hooks } = parts;
  const { before, wayBack } = change;
  const { id, tenantId, plugin } = before;
  const { version, tarballSha512 } = receipt;
  const { manifest } = await admission.start(receipt);
  checkConnectionsFit(manifest, await queries.listConnections(db, tenantId, id));
  const call = {
    install: { id, tenantId, plugin, version, tarballSha512 },
    manifest,
    hook: "upgrade",
    input: { from: before.version, to: version, rollback: wayBack !== undefined },
    ...(wayBack && { restore: wayBack.undone.storageBefore }),
  } as const;
  for (let run = 1; ; run++) {
    const staged = await hooks.run(call);
    try {
      return await staged.inTurn(() => record(parts, { ...change, receipt, manifest, staged }, lease));
    } catch (error) {
      if (!isCode(error, "storage-conflict")) throw error;
      if (run === mostHookRuns) throw keepsWriting(before, version, error);
    } finally {
      staged.close();
    }
  }
}

const eventOf: Record<Move["change"], InstallEvent> = {
  upgraded: "plugboard.install.upgraded",
  downgraded: "plugboard.install.downgraded",
  "rolled-back": "plugboard.install.rolled-back",
};

/** All of it or nothing: the version, its place in the history, what the hook wrote, and the event that tells of it. */
async function record(
  parts: LifecycleParts,
  change: Move & {
    receipt: Receipt;
    manifest: Manifest;
    staged: StagedChange;
  },
  lease: ChangeLease,
): Promise<Install> {
  const { db, changes, history } = parts;
  const { before, recorded, receipt, manifest, staged, status, wayBack } = change;
  const { id, tenantId } = before;
  const { version, tarballSha512, consent } = receipt;
  return changes.transaction(db, async (tx, announce) => {
    await announce("install", id, tenantId);
    if (!(await queries.lockInstall(tx, tenantId, id))) throw installNotFound(id);
    await lease.end(tx);
    // Once more, now that none can be added or changed.
    checkConnectionsFit(manifest, await queries.listConnections(tx, tenantId, id));
    const storageBefore = await staged.apply(tx);
    // The status stays what it is by now: somebody may have disabled the install since.
    const facts = {
      ...toFacts(receipt, recorded.receipt, manifest),
      ...(status !== undefined && { status }),
      // The registry has just held the tenant's policy against this version.
      policy_refusal: null,
    };
    const row = await queries.changeInstall(tx, tenantId, id, {
      ...facts,
      endsStorageEpoch: staged.mayChangeForm,
    });
    if (!row) throw installNotFound(id);
    await queries.forgetUpdate(tx, tenantId, id, await upgradesAbove(tx, before, change.change));
    if (wayBack) await history.undo(tx, tenantId, wayBack.undone.id);
    const release = { version, tarballSha512, consent };
    const entry = { tenantId, installId: id, plugin: before.plugin, ...release, storageBefore };
    await history.append(tx, { ...entry, change: change.change, from: before.version });
    await tell(parts, tx, eventOf[change.change], before, { from: before.version, to: version });
    return toNewInstall(row, recorded);
  });
}

/** A version that was left for a lower one does not come back by itself; what comes after it does. */
async function upgradesAbove(
  tx: Parameters<typeof queries.findUpgradesAbove>[0],
  { id, version }: Install,
  change: Move["change"],
): Promise<string | null> {
  const above = await queries.findUpgradesAbove(tx, id);
  if (change === "upgraded") return above;
  return above !== null && semver.gt(above, version) ? above : version;
}

function requireUnchanged({ plugin, version, status, channel }: Install, from: string): void {
  if (version === from && status === "active" && channel !== "pinned") return;
  throw coreError("install-changing", `The install of ${plugin} is not what it was when it was looked at.`, {
    retryable: true,
  });
}

function otherThanAsked({ plugin, version }: Receipt, asked: string) {
  const detail = `The registry answered with ${plugin} ${version} where ${asked} was asked for.`;
  return coreError("release-not-trusted", detail);
}

function noWayBack(why: string) {
  return coreError("rollback-unavailable", `${why} PATCH it with a \`range\` to choose a version.`);
}

function keepsWriting({ plugin, version }: Install, to: string, cause: unknown) {
  return coreError(
    "upgrade-conflict",
    `${plugin} ${version} kept writing to its storage what the "upgrade" hook of ${to} had read. Repeat the request when fewer calls are under way, or disable the install meanwhile.`,
    { plugin, version: to, retryable: true },
    { cause, headers: { "Retry-After": "10" } },
  );
}
