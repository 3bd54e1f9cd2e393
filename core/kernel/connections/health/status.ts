import type { CheckOutcome, ConnectionStatus, StatusReason } from "../../../tables.ts";

interface Standing {
  status: ConnectionStatus;
  status_reason: StatusReason | null;
}

/** One refusal can be the vendor's mistake; calls go on until there was a second. */
const refusalsBeforeError = 2;

/**
 * What becomes of a connection that was checked; undefined if it stays as it is. A vendor that is down is no reason to
 * stop one that worked: only one that has never been seen working waits.
 */
export function statusAfterCheck(
  { status, status_reason }: Standing,
  outcome: CheckOutcome,
  failures: number,
): Standing | undefined {
  if (outcome === "ok") {
    if (status_reason === "reauthorization-needed") return undefined;
    if (status === "testing" || status === "error") return { status: "active", status_reason: null };
    // Switched off it stays off; what was said against it is not true any more.
    return status_reason === null ? undefined : { status, status_reason: null };
  }
  if (status === "testing") {
    return { status: "error", status_reason: outcome === "refused" ? "credential-refused" : "test-failed" };
  }
  if (status === "active" && outcome === "refused" && failures >= refusalsBeforeError) {
    return { status: "error", status_reason: "credential-refused" };
  }
  return undefined;
}
