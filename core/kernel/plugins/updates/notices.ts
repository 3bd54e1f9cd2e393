import type { CheckedInstall } from "@plugboard/registry/client";
import type { Kysely } from "kysely";
import type { CoreDatabase, PolicyRefusal } from "../../../tables.ts";
import type { Events } from "../../events/index.ts";
import type { HeldInstall } from "./queries.ts";

type Append = Pick<Events, "append">;
type Told = Pick<HeldInstall, "id" | "tenant_id" | "plugin" | "version">;

/** Tells of a newer version that waits for somebody's decision, once for what it needs. */
export async function tellOfUpdate(
  events: Append,
  tx: Kysely<CoreDatabase>,
  { known, ...install }: HeldInstall,
  update: NonNullable<CheckedInstall["update"]>,
): Promise<void> {
  if (update.reason !== "decision-needed") return;
  const { version: to, needs, added, removed, consent } = update;
  const fact = nameOf(update);
  if (known?.update && nameOf(known.update) === fact) return;
  const data = { from: install.version, to, needs, added, removed, consent };
  await append(events, tx, install, { type: "update-available", data, dedupeKey: `update ${fact}` });
}

/**
 * Tells what became of the version that an install has, once each.
 *
 * @returns what was told now, to be remembered
 */
export async function tellOfVersion(
  events: Append,
  tx: Kysely<CoreDatabase>,
  { known, ...install }: HeldInstall,
  notices: CheckedInstall["notices"],
): Promise<string[]> {
  const told: string[] = [];
  const { version } = install;
  for (const { kind, ...notice } of notices) {
    const fact = `${kind} ${version}`;
    if (known?.noticed.includes(fact)) continue;
    const data = { version, ...notice };
    await append(events, tx, install, { type: `version-${kind}`, data, dedupeKey: fact });
    told.push(fact);
  }
  return told;
}

/** Tells that the tenant's policy is against what it has, or is not any more. */
export async function tellOfPolicy(
  events: Append,
  tx: Kysely<CoreDatabase>,
  { known: _, ...install }: HeldInstall,
  refusal: PolicyRefusal | null,
): Promise<void> {
  const { version } = install;
  const type = refusal ? "policy-refused" : "policy-allowed";
  await append(events, tx, install, { type, data: { version, ...refusal } });
}

/** Tells that a version did not take over, and that it is not tried again. */
export async function tellOfFailure(
  events: Append,
  tx: Kysely<CoreDatabase>,
  install: Told,
  { to, code }: { to: string; code: string },
): Promise<void> {
  await append(events, tx, install, { type: "update-failed", data: { from: install.version, to, code } });
}

async function append(
  events: Append,
  tx: Kysely<CoreDatabase>,
  { id, tenant_id: tenantId, plugin }: Told,
  { type, data, dedupeKey }: { type: string; data: object; dedupeKey?: string },
): Promise<void> {
  const event = {
    tenantId,
    type: `plugboard.install.${type}`,
    source: { host: true, installId: id } as const,
    data: { installId: id, plugin, ...data },
    dedupeKey,
  };
  await events.append(event, tx);
}

function nameOf({ version, needs }: { version: string; needs: string[] }): string {
  return `${version} ${needs.join(" ")}`;
}
