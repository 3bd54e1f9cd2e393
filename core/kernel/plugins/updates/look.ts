import {
  type CheckedInstall,
  leadsTo,
  mostInstallsPerCheck,
  type RegistryClient,
  RegistryUnavailable,
} from "@plugboard/registry/client";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import semver from "semver";
import type { CoreDatabase, PolicyRefusal } from "../../../tables.ts";
import type { Changes } from "../../changes/index.ts";
import type { Events } from "../../events/index.ts";
import { hostVersion } from "./host-version.ts";
import { tellOfPolicy, tellOfUpdate, tellOfVersion } from "./notices.ts";
import * as queries from "./queries.ts";
import type { Turn } from "./turn.ts";

/** So many plugins are asked about in one round; the others have waited less, and have their turn in the next. */
const mostPlugins = 200;

export interface LookParts {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  registry: Pick<RegistryClient, "checkUpdates">;
  events: Pick<Events, "append">;
  logger: Logger;
  /** How long an answer holds, while the registry's log stands still: what is too young by a policy becomes old enough. */
  lookAgainMs: number;
  now: () => number;
}

/**
 * Asks the registry what comes after what is installed: one request for each plugin, one after the other.
 *
 * @param seq the place in the registry's log that this host knows of
 * @throws RegistryUnavailable; what was asked until then is recorded
 */
export async function look(parts: LookParts, seq: number, turn: Turn): Promise<void> {
  const { db, registry, logger, lookAgainMs, now } = parts;
  const plugins = await queries.listPluginsToLookAt(db, { seq, at: new Date(now()) }, mostPlugins);
  for (const plugin of plugins) {
    if (!(await turn.goesOn())) return;
    // With those whose time comes soon, so that the next round need not ask about the same plugin again.
    const when = { seq, at: new Date(now() + lookAgainMs / 2) };
    const installs = await queries.listInstallsToLookAt(db, plugin, when, mostInstallsPerCheck);
    if (installs.length === 0) continue;
    try {
      const asked = installs.map(toAsk);
      const answers = await registry.checkUpdates({ plugin, hostVersion, installs: asked });
      await record(parts, installs, seq, answers);
    } catch (err) {
      if (err instanceof RegistryUnavailable) throw err;
      logger.warn({ plugin, err }, "newer versions of a plugin could not be looked for");
      await queries.putOff(db, installs, { seq, nextLookAt: later(parts) });
    }
  }
}

function toAsk({ id, tenant_id: tenantId, channel, above }: queries.InstallToLookAt) {
  return { id, tenantId, channel, ...(above !== null && { above }) };
}

/** All of it in one transaction, with what the tenants are told. An install that was changed meanwhile is left to the next round. */
async function record(
  parts: LookParts,
  asked: queries.InstallToLookAt[],
  seq: number,
  answers: CheckedInstall[],
): Promise<void> {
  const { db, changes, events } = parts;
  const answered = new Map(answers.map((answer) => [answer.id, answer]));
  const askedOf = new Map(asked.map((install) => [install.id, install]));
  await changes.transaction(db, async (tx, announce) => {
    const rows: queries.Looked[] = [];
    for (const install of await queries.holdInstalls(tx, [...askedOf.keys()])) {
      const before = askedOf.get(install.id);
      const isSame = before?.channel === install.channel && before.above === (install.known?.above ?? null);
      const answer = answered.get(install.id);
      if (!isSame || (answer && answer.version !== install.version)) continue;
      const automatic = answer ? toFollow(parts, install, answer) : null;
      const update = answer?.update ?? null;
      if (answer && isOther(answer.refusal, install.policy_refusal)) {
        await queries.setPolicyRefusal(tx, install.id, answer.refusal);
        await announce("install", install.id, install.tenant_id);
        await tellOfPolicy(events, tx, install, answer.refusal);
      }
      if (update) await tellOfUpdate(events, tx, install, update);
      // Whoever gets another version in a moment need not hear what became of this one.
      const told = automatic === null ? await tellOfVersion(events, tx, install, answer?.notices ?? []) : [];
      rows.push({
        install_id: install.id,
        tenant_id: install.tenant_id,
        looked_seq: seq,
        next_look_at: later(parts),
        automatic,
        update: update && JSON.stringify(shown(update)),
        noticed: [...(install.known?.noticed ?? []), ...told],
      });
    }
    await queries.putLooked(tx, rows);
  });
}

function isOther(now: PolicyRefusal | null, before: PolicyRefusal | null): boolean {
  const same = ({ reasons, stops }: PolicyRefusal) => JSON.stringify([stops, reasons]);
  return (now && same(now)) !== (before && same(before));
}

/** The registry proposes; where its channel leads, and what it has left, an install knows itself. */
function toFollow(
  { logger }: LookParts,
  { id, channel, version, known }: queries.HeldInstall,
  { automatic }: CheckedInstall,
): string | null {
  if (automatic === null) return null;
  const above = known?.above ?? null;
  const isAbove = semver.valid(automatic) !== null && (above === null || semver.gt(automatic, above));
  if (isAbove && leadsTo(channel, version, automatic)) return automatic;
  logger.error(
    { installId: id, channel, version, automatic },
    "the registry proposes a version that the channel of an install does not lead to",
  );
  return null;
}

function shown({ version, reason, needs }: NonNullable<CheckedInstall["update"]>) {
  return { version, reason, needs };
}

/** Varied by a quarter, so that what was installed together is not asked about together for ever. */
function later({ lookAgainMs, now }: LookParts): Date {
  return new Date(now() + lookAgainMs * (0.75 + Math.random() / 2));
}
