import type { Checkpoint } from "@plugboard/plugin-sdk/trust";
import { lockLog, logEnd } from "../log/index.ts";
import { indexHash } from "../plugin-index/index.ts";
import { listRevocations, revocationsHash } from "../revocations/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import * as queries from "./queries.ts";

/** How long hosts may go by a checkpoint. It is renewed when half of that is left. */
const lifetimeMs = 24 * 3_600_000;
const renewBeforeMs = lifetimeMs / 2;

/** Publications go on while somebody reads; so often is read again. */
const mostTries = 10;

export interface Checkpoints {
  /** The checkpoint in force, over all that the log has: made now if the last one is behind or runs out. */
  current(): Promise<string>;
  /** Reads as of one moment, at which the given checkpoint is in force. */
  consistently<T>(read: (db: RegistryDatabase, checkpoint: string) => Promise<T>): Promise<T>;
}

export function createCheckpoints(options: {
  db: RegistryDatabase;
  trust: Pick<Trust, "root" | "sign">;
  now: () => Date;
}): Checkpoints {
  const { db, trust, now } = options;

  /** @returns undefined if a new one has to be made */
  async function findCurrent(on: RegistryDatabase): Promise<string | undefined> {
    const latest = await queries.findLatest(on);
    if (!latest || latest.expires_at.getTime() - now().getTime() < renewBeforeMs) return undefined;
    return latest.seq === (await logEnd(on)).seq ? latest.jws : undefined;
  }

  async function make(): Promise<string> {
    return db.transaction().execute(async (transaction) => {
      const { seq, head } = await lockLog(transaction);
      const made = await findCurrent(transaction);
      if (made !== undefined) return made;
      const issuedAt = now();
      const expiresAt = new Date(issuedAt.getTime() + lifetimeMs);
      const { version } = (await trust.root(transaction)).root;
      const checkpoint: Checkpoint = {
        seq,
        logHead: head,
        indexHash: await indexHash(transaction),
        revocationsHash: revocationsHash(await listRevocations(transaction)),
        rootVersion: version,
        issuedAt: issuedAt.toISOString(),
        expiresAt: expiresAt.toISOString(),
      };
      const jws = await trust.sign(transaction, "checkpoint", checkpoint);
      await queries.replaceCheckpoint(transaction, {
        seq,
        root_version: version,
        jws,
        expires_at: expiresAt,
      });
      return jws;
    });
  }

  return {
    async current() {
      return (await findCurrent(db)) ?? (await make());
    },
    async consistently(read) {
      for (let run = 0; run < mostTries; run += 1) {
        const found = await db.transaction().execute(async (transaction) => {
          await queries.readAsOfNow(transaction);
          const checkpoint = await findCurrent(transaction);
          return checkpoint === undefined ? undefined : { value: await read(transaction, checkpoint) };
        });
        if (found) return found.value;
        await make();
      }
      throw new Error("The registry changed faster than it could be read.");
    },
  };
}
