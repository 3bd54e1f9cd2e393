import type { EntitlementStatement } from "@plugboard/plugin-sdk/trust";

/**
 * `active` runs; `expiring` runs, and ends within days; `grace` has ended and runs on for a while, so that a late invoice or
 * a registry that is away stops nothing; `ended` does not run.
 */
export type EntitlementStatus = "active" | "expiring" | "grace" | "ended";

const noticeMs = 3 * 24 * 60 * 60 * 1000;

/** What an entitlement comes to at a time. One that was ended (refunded, say) has no grace. */
export function statusOf(
  { state, expiresAt }: Pick<EntitlementStatement, "state" | "expiresAt">,
  { nowMs, graceMs }: { nowMs: number; graceMs: number },
): EntitlementStatus {
  if (state === "ended") return "ended";
  if (expiresAt === undefined) return "active";
  const endsAt = Date.parse(expiresAt);
  if (nowMs < endsAt - noticeMs) return "active";
  if (nowMs < endsAt) return "expiring";
  return nowMs < endsAt + graceMs ? "grace" : "ended";
}
