import { batchPauses } from "@plugboard/plugin-sdk/manifest";
import type { PlugboardError } from "@plugboard/service-kit/http";
import { coreError } from "../../errors.ts";
import type { Clock } from "../capabilities/index.ts";

/** When a batch may begin something: not while its vendor asks for a pause, and not once its time is up. */
export interface BatchTime {
  /** Aborted once nothing more is to be begun; its reason is `why`. */
  readonly signal: AbortSignal;
  readonly why: PlugboardError | undefined;
  /** Nothing more is to be begun. The first reason counts. */
  halt(reason: PlugboardError): void;
  /** The vendor asks for a pause: nothing is begun before so many ms have passed. */
  slowDown(askedMs: number): void;
  /** Whether nothing is to be begun for now. */
  isPaused(): boolean;
  /** Waits until the pause is over, or the batch. */
  pauseIsOver(): Promise<void>;
  /** Waits so long, while all else goes on. @returns false where the batch is over by then: at once, if that is known */
  wait(ms: number): Promise<boolean>;
  /** Must be called. */
  end(): void;
}

export function openBatchTime(options: {
  clock: Clock;
  batchMs: number;
  /** Hears that all of the time is gone. */
  ranOut(): void;
}): BatchTime {
  const { clock, batchMs, ranOut } = options;
  const controller = new AbortController();
  const { signal } = controller;
  const endsAt = clock.now() + batchMs;
  let why: PlugboardError | undefined;
  let resumesAt = 0;

  function halt(reason: PlugboardError): void {
    why ??= reason;
    controller.abort(why);
  }

  const stop = clock.after(batchMs, () => {
    ranOut();
    halt(
      coreError(
        "batch-deadline-exceeded",
        `The batch began nothing more after ${batchMs} ms. This was not begun; send it in another one.`,
        { retryable: true },
      ),
    );
  });

  const isPaused = () => why === undefined && clock.now() < resumesAt;

  return {
    signal,
    get why() {
      return why;
    },
    halt,
    slowDown(askedMs) {
      const now = clock.now();
      resumesAt = Math.max(resumesAt, now + Math.max(askedMs, batchPauses.leastMs));
      if (resumesAt >= endsAt) halt(asksTooMuch(resumesAt - now));
    },
    isPaused,
    async pauseIsOver() {
      while (isPaused()) await pause(clock, resumesAt - clock.now(), signal);
    },
    async wait(ms) {
      if (clock.now() + ms >= endsAt) return false;
      if (!why) await pause(clock, ms, signal);
      return !why;
    },
    end: stop,
  };
}

async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stop = clock.after(ms, resolve);
  signal.addEventListener("abort", () => resolve(), { once: true });
  await promise;
  stop();
}

function asksTooMuch(ms: number): PlugboardError {
  const seconds = Math.ceil(ms / 1_000);
  return coreError(
    "batch-deadline-exceeded",
    `The vendor asks to wait for ${seconds} s, and the batch has no more so long. This was not begun; send it in another one.`,
    { retryable: true },
    { headers: { "Retry-After": String(seconds) } },
  );
}
