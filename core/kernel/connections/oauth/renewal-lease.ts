import { randomUUID } from "node:crypto";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { ConnectionRow } from "../queries.ts";
import * as queries from "./queries.ts";

/** The right to ask the vendor for a connection's tokens: of all hosts, one at a time has it. */
export interface RenewalLease {
  /** To be awaited right before another request to the vendor. @returns false if it has gone to somebody else */
  extend(): Promise<boolean>;
}

/** Longer than one request to the vendor takes. Who is killed while asking keeps others waiting no longer than this. */
export const leaseMs = 30_000;
/** Of the lease, what may be gone when the vendor is asked: the rest is for its answer. */
const mostGoneMs = leaseMs / 3;

/**
 * Runs `work` under the lease, if nobody else has it and the connection's credential is still the one in `row`: what can be
 * slow (opening the credential, looking up the client) is done before, and may have become old.
 * @param elapsedMs a clock that only goes on
 * @returns undefined if it was not run; it may be tried again
 */
export async function underLease<T>(
  db: Kysely<CoreDatabase>,
  { id, credential_version }: Pick<ConnectionRow, "id" | "credential_version">,
  work: (lease: RenewalLease) => Promise<T>,
  elapsedMs: () => number = () => performance.now(),
): Promise<T | undefined> {
  const token = randomUUID();
  const beganAtMs = elapsedMs();
  if (!(await queries.takeRenewal(db, id, token, leaseMs))) return undefined;
  try {
    // Whoever had the lease before has stored before it ended: read now, the version says whether there was one.
    if ((await queries.findCredentialVersion(db, id)) !== credential_version) return undefined;
    // The database, or this process, may have stood still for so long that somebody else has the lease in a moment.
    if (elapsedMs() - beganAtMs > mostGoneMs) return undefined;
    return await work({ extend: () => queries.extendRenewal(db, id, token, leaseMs) });
  } finally {
    await queries.endRenewal(db, id, token).catch(() => {}); // it ends by itself
  }
}
