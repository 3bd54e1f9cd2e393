import type { RegistryClient } from "@plugboard/registry/client";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { Changes } from "../../changes/index.ts";
import type { Events } from "../../events/index.ts";
import type { ActivePlugins } from "../active-plugins.ts";
import type { Admission } from "./admission.ts";
import type { History } from "./history.ts";
import type { LifecycleHooks } from "./hooks.ts";

/** What a change of an install is made with. */
export interface LifecycleParts {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  registry: Pick<RegistryClient, "createInstall" | "updateInstall" | "removeInstall" | "listInstalls">;
  activePlugins: Pick<ActivePlugins, "get" | "claim">;
  events: Pick<Events, "append">;
  admission: Admission;
  hooks: LifecycleHooks;
  history: History;
}

/** What the host itself says happened to an install. */
export type InstallEvent =
  | "plugboard.install.created"
  | "plugboard.install.upgraded"
  | "plugboard.install.downgraded"
  | "plugboard.install.rolled-back"
  | "plugboard.install.removed";

/** Tells the tenant, in the transaction that makes it so. */
export async function tell(
  { events }: Pick<LifecycleParts, "events">,
  tx: Kysely<CoreDatabase>,
  type: InstallEvent,
  { id, tenantId, plugin }: { id: string; tenantId: string; plugin: string },
  versions: { version: string } | { from: string; to: string },
): Promise<void> {
  const source = { host: true, installId: id } as const;
  await events.append({ tenantId, type, source, data: { installId: id, plugin, ...versions } }, tx);
}
