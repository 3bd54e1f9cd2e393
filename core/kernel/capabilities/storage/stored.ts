import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import { CapabilityError } from "../errors.ts";
import * as queries from "./queries.ts";
import { conflict, quotaExceeded, replaced, tooManyKeys } from "./refusals.ts";
import type { Store } from "./store.ts";

const foreignKeyViolation = "23503";

/** The storage of one install as PostgreSQL has it: one round trip an operation. */
export function createStored(
  db: Kysely<CoreDatabase>,
  owner: queries.Writer,
  most: { bytes: number; keys: number },
): Store {
  return {
    entry: (key) => queries.findEntry(db, owner, key),

    async set(key, value, expected) {
      const version = randomUUID();
      const { outcome, used } = await queries
        .setEntry(db, owner, { key, value, version, expected }, most)
        .catch((error) => {
          throw isGone(error) ? gone() : error;
        });
      if (outcome === "conflict") throw conflict(key);
      if (outcome === "replaced") throw replaced();
      if (outcome === "quota") throw quotaExceeded(most.bytes, used.bytes);
      if (outcome === "keys") throw tooManyKeys(most.keys);
      return version;
    },

    async delete(key, expectedVersion) {
      const outcome = await queries.deleteEntry(db, owner, key, expectedVersion);
      if (outcome === "conflict") throw conflict(key);
      if (outcome === "replaced") throw replaced();
      return outcome === "ok";
    },

    list: (request) => queries.listKeys(db, owner, request),

    usedBytes: async () => (await queries.findUsage(db, owner)).bytes,
  };
}

/** The row that the storage stands under went while the call ran. */
function isGone(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === foreignKeyViolation;
}

function gone(): CapabilityError {
  return new CapabilityError("storage-gone", "The install was removed while this call ran.");
}
