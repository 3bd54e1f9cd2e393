import type { Clock } from "../clock.ts";

/**
 * Notices a vendor that says nothing any more, not even that it is there: it is asked twice within the time. And one that
 * begins a message and does not end it, for that holds memory.
 */
export function watchSilence(options: {
  clock: Clock;
  silenceMs: number;
  ping(): void;
  /** Whether this side listens; what it does not read, nobody hears. */
  isReading(): boolean;
  /** Since when a message has begun and not ended, by the clock; undefined if none has. */
  unfinishedSince(): number | undefined;
  /** The vendor counts as gone. */
  give(why: "silent" | "unfinished"): void;
}) {
  const { clock, silenceMs, ping, isReading, unfinishedSince, give } = options;
  const lookMs = silenceMs / 3;
  let heardAt = clock.now();
  /** Since when the vendor has not taken what was sent. */
  let sendingSince: number | undefined;
  let stop = clock.after(lookMs, look);

  function look(): void {
    const now = clock.now();
    const isStuck = sendingSince !== undefined && now - sendingSince >= silenceMs;
    if (isStuck || (isReading() && now - heardAt >= silenceMs)) {
      give("silent");
      return;
    }
    if (isReading() && now - (unfinishedSince() ?? now) >= silenceMs) {
      give("unfinished");
      return;
    }
    if (isReading() && now - heardAt >= lookMs / 2) ping();
    stop = clock.after(lookMs, look);
  }

  return {
    heard() {
      heardAt = clock.now();
    },
    /** Something is sent. @returns to be called when it was taken */
    expect() {
      sendingSince ??= clock.now();
      return () => {
        sendingSince = undefined;
      };
    },
    stop: () => stop(),
  };
}
