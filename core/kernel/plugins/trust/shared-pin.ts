import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { Check } from "typebox/value";
import type { CoreDatabase } from "../../../tables.ts";
import * as queries from "./queries.ts";
import { KeptState, type RegistryState, toKept, verifyKept } from "./state.ts";

/** The furthest that any host over this database has seen the registry. */
export interface SharedPin {
  /** @returns undefined where no host has seen it yet */
  read(): Promise<RegistryState | undefined>;
  /** Writes unless another host has seen more. */
  write(state: RegistryState): Promise<void>;
}

export function openSharedPin(options: { db: Kysely<CoreDatabase>; logger: Logger }): SharedPin {
  const { db, logger } = options;
  return {
    async read() {
      const row = await queries.findSeen(db);
      if (!row) return undefined;
      const state = Check(KeptState, row.state)
        ? await verifyKept(row.state).catch(() => undefined)
        : undefined;
      if (state) return state;
      // Whoever could spoil the row could have deleted it as well: each host has its own file besides.
      logger.error("what the hosts over this database know of the registry was altered; it is made anew");
      await queries.forgetSeen(db);
      return undefined;
    },
    async write(state) {
      const { root, checkpoint } = state;
      await queries.keepHighest(db, {
        root_version: root.version,
        seq: checkpoint.seq,
        state: JSON.stringify(toKept(state)),
      });
    },
  };
}
