import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import * as queries from "./queries.ts";

/** One host's turn to look for newer versions: no other does so meanwhile. */
export interface Turn {
  /** When installs were brought to a newer version last, on whatever host. */
  upgradedAt: Date | null;
  /** To be awaited before each step. @returns false if the turn went to another host meanwhile */
  goesOn(): Promise<boolean>;
  /** @param upgradedAt when installs were brought to a newer version, if any were */
  end(upgradedAt: Date | undefined): Promise<void>;
}

/** Longer than any step takes; after a crash, as long does nobody look. */
const turnMs = 120_000;

/** @returns undefined while another host has its turn */
export async function takeTurn(db: Kysely<CoreDatabase>): Promise<Turn | undefined> {
  const token = randomUUID();
  const taken = await queries.takeRound(db, token, turnMs);
  if (!taken) return undefined;
  return {
    upgradedAt: taken.upgraded_at,
    goesOn: () => queries.renewRound(db, token, turnMs),
    end: (upgradedAt) => queries.endRound(db, token, upgradedAt),
  };
}
