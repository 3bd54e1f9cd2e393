import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { createDatabaseShare, type DatabaseShare } from "../database-share.ts";
import type { OpenCapability } from "../open-capability.ts";
import { createTurns } from "../turns.ts";
import { openStorage } from "./capability.ts";
import { type StorageLimits, stagedBytes } from "./limits.ts";
import { busy, changesBusy } from "./refusals.ts";
import { type StagedStorage, type StageOptions, stageStorage } from "./staged.ts";
import { createStagedRoom } from "./staged-room.ts";
import { createStored } from "./stored.ts";

/** What plugins keep, each install its own. One for the process: it knows what is under way. */
export interface PluginStorage {
  /** The `storage` of one call. */
  open(call: {
    tenantId: string;
    installId: string;
    /** Of the install, when the call began: a change of version that has an `upgrade` hook ends it. */
    epoch: number;
    /** From the manifest; the limits count where they are smaller. */
    maxBytes: number;
    limits: StorageLimits;
  }): OpenCapability;
  /** The `storage` of one call whose writes count when they are applied. */
  stage(call: Omit<StageOptions, "db" | "share" | "recording" | "room">): StagedStorage;
}

/** Changes of installs that write much, at a time, and how long one waits until it is its turn. */
const recordingLimits = { hostQueries: 2, hostQueriesPerTenant: 1, hostQueryWaitMs: 60_000 };

export function createPluginStorage(options: {
  db: Kysely<CoreDatabase>;
  share: DatabaseShare;
  /** The most that changes of installs may hold in memory. */
  staged?: { hostBytes: number; tenantBytes: number };
}): PluginStorage {
  const { db, share, staged = stagedBytes } = options;
  const room = createStagedRoom({ ...staged, full: changesBusy });
  const recording = createDatabaseShare({ limits: recordingLimits, connections: Number.POSITIVE_INFINITY });
  const turnOf = createTurns({ share });
  return {
    open({ tenantId, installId, epoch, limits, ...manifest }) {
      const maxBytes = Math.min(manifest.maxBytes, limits.storageBytes);
      const store = createStored(
        db,
        { tenantId, installId, epoch },
        { bytes: maxBytes, keys: limits.storageKeys },
      );
      return openStorage({
        store,
        maxBytes,
        limits,
        turn: turnOf({ tenantId, installId }, { operations: limits.storageOperations, busy }),
      });
    },
    stage: (call) => stageStorage({ ...call, db, share, recording, room }),
  };
}
