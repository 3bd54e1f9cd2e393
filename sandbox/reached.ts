import type { ReachedLimit, SandboxEvent } from "./contract.ts";

/** Tells that a limit was reached; `who` may be a call, or what is known of one. */
export type ReportLimit = (
  limit: ReachedLimit,
  who: { tenantId?: string; callId?: string; reached?: Set<ReachedLimit> },
) => void;

/** Once per call and limit: what a thread says may be said again and again. */
export function createLimitReport(onEvent: (event: SandboxEvent) => void): ReportLimit {
  return (limit, who) => {
    who.reached ??= new Set();
    if (who.reached.has(limit)) return;
    who.reached.add(limit);
    const { tenantId, callId } = who;
    onEvent({
      type: "limit-reached",
      limit,
      ...(tenantId && { tenantId }),
      ...(callId !== undefined && { callId }),
    });
  };
}
