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
    const comesBack =
      status === "testing" || (status === "error" && status_reason !== "reauthorization-needed");
    return comesBack ? { status: "active", status_reason: null } : undefined;
  }
  if (status === "testing") {
    return { status: "error", status_reason: outcome === "refused" ? "credential-refused" : "test-failed" };
  }
  if (status === "active" && outcome === "refused" && failures >= refusalsBeforeError) {
    return { status: "error", status_reason: "credential-refused" };
  }
  return undefined;
}
