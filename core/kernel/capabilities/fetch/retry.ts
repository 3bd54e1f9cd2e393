import { fitsReply } from "@plugboard/plugin-sdk/exchange";
import { type Call, pause } from "./call.ts";
import type { Clock } from "./clock.ts";
import { type ReadReply, retryAfterMs } from "./pacing/index.ts";
import type { Retries } from "./policy.ts";
import { SendFailure } from "./send/index.ts";

/**
 * Sends until there is a final answer: at most `retries.left` times more than once, and never past the call's deadline.
 * A request that is not repeatable is sent twice only if the first one did not leave, or was refused with nothing done.
 * @param next waits until another attempt may go out; false: none may, and what came is the answer
 */
export async function withRetries(
  options: {
    policy: Retries;
    repeatable: boolean;
    /** Whether a reply says that the vendor did nothing. */
    isNothingDone: (reply: ReadReply) => boolean;
    call: Call;
    clock: Clock;
    random: () => number;
    retries: { left: number };
    next: () => Promise<boolean>;
    /** Another attempt would be refused as the last one was. */
    isHopeless: () => boolean;
  },
  send: () => Promise<ReadReply>,
): Promise<ReadReply> {
  const { policy, call, clock, random, retries, next, isHopeless } = options;
  for (let attempt = 0; ; attempt++) {
    const outcome = await send().catch((error: unknown) => {
      if (error instanceof SendFailure) return error;
      throw error;
    });
    const askedMs = outcome instanceof SendFailure ? 0 : retryAfterMs(outcome.headers, clock.now());
    const pauseMs = Math.max(askedMs, pauseBefore(attempt, policy, random));
    const mayRepeat = retries.left > 0 && pauseMs < call.remainingMs() && !isHopeless();
    if (mayRepeat && deservesRetry(outcome, options)) {
      retries.left--;
      await pause(call, clock, pauseMs);
      if (await next()) continue;
    }
    if (outcome instanceof SendFailure) throw outcome;
    return outcome;
  }
}

function deservesRetry(
  outcome: ReadReply | SendFailure,
  {
    policy: { statuses, failures, replies },
    repeatable,
    isNothingDone,
  }: Pick<Parameters<typeof withRetries>[0], "policy" | "repeatable" | "isNothingDone">,
): boolean {
  if (outcome instanceof SendFailure) {
    if (outcome.stage === "before-sending") return failures.includes("unreachable");
    return outcome.stage === "on-the-way" && repeatable && failures.includes("broken-off");
  }
  if (!repeatable) return isNothingDone(outcome);
  return statuses.includes(outcome.response.status) || replies.some((match) => fitsReply(match, outcome));
}

/** Part of it is left to chance, so that those who failed together do not come back together. */
function pauseBefore(attempt: number, policy: Retries, random: () => number): number {
  const { delayMs, maxDelayMs, backoff, jitter } = policy;
  const growth = { fixed: 1, linear: attempt + 1, exponential: 2 ** attempt }[backoff];
  const fullMs = Math.min(delayMs * growth, maxDelayMs);
  const chance = { none: 0, half: 0.5, full: 1 }[jitter];
  return fullMs * (1 - chance) + random() * fullMs * chance;
}
