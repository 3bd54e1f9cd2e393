export interface HealthCheck {
  name: string;
  /** Resolves when all is well, with whatever; throws when not. */
  check(signal: AbortSignal): Promise<unknown>;
  /** A check that takes longer counts as failed. Default 2,000. */
  timeoutMs?: number;
  /** When a check that is not critical fails, the service is degraded but still ready. Default true. */
  critical?: boolean;
}

export interface CheckResult {
  status: "ok" | "failed";
  durationMs: number;
  /** Only the fact, not the internals: health is public. */
  message?: string;
}

export interface Health {
  status: "ok" | "degraded" | "failed";
  checks: Record<string, CheckResult>;
}

const defaultTimeoutMs = 2_000;

/** Runs all checks at once and sums them up. Never throws. */
export async function checkHealth(checks: HealthCheck[]): Promise<Health> {
  const results = await Promise.all(checks.map(run));
  const failed = checks.filter((_, i) => results[i]?.status === "failed");
  return {
    status:
      failed.length === 0 ? "ok" : failed.some((check) => check.critical ?? true) ? "failed" : "degraded",
    checks: Object.fromEntries(checks.map((check, i) => [check.name, results[i] as CheckResult])),
  };
}

async function run(check: HealthCheck): Promise<CheckResult> {
  const timeoutMs = check.timeoutMs ?? defaultTimeoutMs;
  const signal = AbortSignal.timeout(timeoutMs);
  const started = performance.now();
  const durationMs = () => Math.round(performance.now() - started);
  try {
    await Promise.race([check.check(signal), rejectWhenAborted(signal)]);
    signal.throwIfAborted(); // a check may well resolve because it was told to stop
    return { status: "ok", durationMs: durationMs() };
  } catch {
    const message = signal.aborted ? `no answer within ${timeoutMs} ms` : "the check failed; see the log";
    return { status: "failed", durationMs: durationMs(), message };
  }
}

function rejectWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}
