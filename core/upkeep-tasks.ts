import type { Kysely } from "kysely";
import { pruneFiles } from "./kernel/capabilities/index.ts";
import { deleteOldFlows, deleteOldRevocations } from "./kernel/connections/index.ts";
import { type ErasureQueue, goOnErasing } from "./kernel/erasure/index.ts";
import type { Events } from "./kernel/events/index.ts";
import type { HookChanges } from "./kernel/hooks/index.ts";
import type { Idempotency } from "./kernel/idempotency/index.ts";
import type { UpkeepTask } from "./kernel/upkeep/index.ts";
import type { RotationJobs } from "./kernel/vault/index.ts";
import type { Activity } from "./modules/activity/index.ts";
import { forgetOldItems } from "./modules/triggers/index.ts";
import type { CoreDatabase } from "./tables.ts";

/** Tokens that could not be given back for so long have ended by themselves, or never will. */
const revocationDays = 7;

/** What a host does now and again: forgets what was kept for long enough, and goes on with what was cut off. */
export function upkeepTasks(o: {
  db: Kysely<CoreDatabase>;
  eventDays: number | undefined;
  events: Events;
  hookChanges: HookChanges;
  activity: Activity;
  idempotency: Idempotency;
  rotation: Pick<RotationJobs, "goOn">;
  erasures: ErasureQueue;
  now?: (() => number) | undefined;
}): UpkeepTask[] {
  return [
    { name: "events", run: (signal) => o.events.prune(o.eventDays, signal) },
    { name: "hook changes", run: o.hookChanges.prune },
    { name: "connections' activity", run: o.activity.prune },
    { name: "authorizations", run: () => deleteOldFlows(o.db) },
    { name: "revocations", run: () => deleteOldRevocations(o.db, revocationDays) },
    { name: "keys", run: o.rotation.goOn },
    { name: "erasures", run: () => goOnErasing(o.db, o.erasures) },
    { name: "idempotent requests", run: o.idempotency.prune },
    { name: "files", run: (signal) => pruneFiles(o.db, signal, o.now) },
    { name: "trigger items", run: (signal) => forgetOldItems(o.db, signal) },
  ];
}
