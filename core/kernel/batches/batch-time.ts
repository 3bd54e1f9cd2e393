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
  /**
   * The vendor asks to slow down: nothing is begun before so many ms have passed. Where it does not say how many, they grow
   * with each time.
   */
  slowDown(askedMs: number | undefined): void;
  /** The vendor is fast enough again. */
  wentWell(): void;
  /** Whether nothing is to be begun for now. */
  isPaused(): boolean;
  /** Waits until the pause is over, or the batch. */
  pauseIsOver(): Promise<void>;
  /** Must be called. */
  end(): void;
}

/** Also where the vendor asks for less: each unit is a call of plugin code. */
const leastPauseMs = 1_000;
/** Of the host's own making. */
const longestPauseMs = 15_000;

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
  let nextPauseMs = leastPauseMs;

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
      if (askedMs === undefined && now < resumesAt) return;
      const pauseMs = Math.max(askedMs ?? nextPauseMs, leastPauseMs);
      if (askedMs === undefined) nextPauseMs = Math.min(2 * nextPauseMs, longestPauseMs);
      resumesAt = Math.max(resumesAt, now + pauseMs);
      if (resumesAt >= endsAt) halt(asksTooMuch(resumesAt - now));
    },
    wentWell() {
      nextPauseMs = leastPauseMs;
    },
    isPaused,
    async pauseIsOver() {
      while (isPaused()) await pause(clock, resumesAt - clock.now(), signal);
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
