import { type Call, pause } from "./call.ts";
import type { Clock } from "./clock.ts";
import { SendFailure } from "./send-failure.ts";
import type { PluginRequest, VendorResponse } from "./types.ts";

/** RFC 9110, section 9.2.2. */
const idempotentMethods = ["GET", "HEAD", "OPTIONS", "PUT", "DELETE"];
const retriedStatuses = [429, 502, 503, 504];
const firstPauseMs = 250;
const longestPauseMs = 8_000;

/**
 * Sends until there is a final answer: at most `retries.left` times more than once, and never past the call's deadline.
 * A write is sent twice only if the first one did not leave, or if it carries an idempotency key.
 */
export async function withRetries(
  options: {
    request: PluginRequest;
    call: Call;
    clock: Clock;
    random: () => number;
    retries: { left: number };
  },
  send: () => Promise<VendorResponse>,
): Promise<VendorResponse> {
  const { request, call, clock, random, retries } = options;
  const repeatable = isRepeatable(request);
  for (let attempt = 0; ; attempt++) {
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof SendFailure) return error;
      throw error;
    });
    const pauseMs = pauseBefore(attempt, retryAfterMs(outcome, clock.now()), random);
    const again = retries.left > 0 && pauseMs < call.remainingMs() && deservesRetry(outcome, repeatable);
    if (!again) {
      if (outcome instanceof SendFailure) throw outcome;
      return outcome;
    }
    retries.left--;
    await pause(call, clock, pauseMs);
  }
}

function deservesRetry(outcome: VendorResponse | SendFailure, repeatable: boolean): boolean {
  if (!(outcome instanceof SendFailure)) return repeatable && retriedStatuses.includes(outcome.status);
  return outcome.stage === "before-sending" || (outcome.stage === "on-the-way" && repeatable);
}

function isRepeatable({ method, headers }: PluginRequest): boolean {
  return (
    idempotentMethods.includes(method) ||
    headers.some(([name, value]) => name === "idempotency-key" && value !== "")
  );
}

/** Exponential, between half and all of it at random, so that those who failed together do not come back together. */
function pauseBefore(attempt: number, askedMs: number, random: () => number): number {
  const fullMs = Math.min(firstPauseMs * 2 ** attempt, longestPauseMs);
  return Math.max(askedMs, fullMs / 2 + (random() * fullMs) / 2);
}

/** RFC 9110, section 10.2.3: seconds or a date. 0 if the vendor asks for nothing that can be read. */
function retryAfterMs(outcome: VendorResponse | SendFailure, now: number): number {
  if (outcome instanceof SendFailure) return 0;
  const value = outcome.headers.find(([name]) => name === "retry-after")?.[1] ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return Math.max(0, ms) || 0;
}
