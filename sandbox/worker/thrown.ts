import type { Thrown } from "../messages.ts";

declare const getStackString: ((error: unknown) => string) | undefined;
// Lockdown leaves it on the start realm's global; scuttle.ts takes it away afterwards.
const stackOf = getStackString;

const MAX_NAME = 100;
const MAX_FRAMES = 10;

/**
 * Reduces anything that plugin code may throw to capped text. Reading it may run the plugin's getters and
 * proxies, here in the thread; whatever they do, this returns.
 */
export function describeThrown(reason: unknown, maxChars: number, source?: string): Thrown {
  if (typeof reason !== "object" || reason === null)
    return {
      message: guarded(() => `${typeof reason}: ${String(reason)}`.slice(0, maxChars)) ?? "unprintable",
    };
  const read = (key: string): unknown => guarded(() => (reason as Record<string, unknown>)[key]);
  const text = (key: string, max: number): string | undefined => {
    const value = read(key);
    return typeof value === "string" && value !== "" ? value.slice(0, max) : undefined;
  };
  const thrown: Thrown = {
    message: text("message", maxChars) ?? "The plugin threw a value without a message.",
  };
  const name = text("name", MAX_NAME);
  if (name !== undefined) thrown.name = name;
  const code = text("code", MAX_NAME);
  if (code !== undefined) thrown.code = code;
  const details = guarded(() => JSON.stringify(read("details")));
  if (typeof details === "string" && details.length <= maxChars) thrown.details = details;
  const retryAfterMs = read("retryAfterMs");
  if (typeof retryAfterMs === "number" && Number.isFinite(retryAfterMs) && retryAfterMs >= 0)
    thrown.retryAfterMs = retryAfterMs;
  const stack = guarded(() => pluginFrames(reason, source));
  if (stack) thrown.stack = stack.slice(0, maxChars);
  return thrown;
}

function guarded<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Where a frame lies: what V8 puts at its end. What stands before are names, and plugin code chooses names. */
const LOCATION = /^\s*at (?:.*\()?([^()]*):\d+:\d+\)?$/;

/** Frames in the plugin's own code: others would tell of this machine. */
function pluginFrames(reason: object, source: string | undefined): string | undefined {
  if (!stackOf || !source || !(reason instanceof Error)) return undefined;
  return stackOf(reason)
    .split("\n")
    .filter((frame) => LOCATION.exec(frame)?.[1]?.replace(/^async /, "") === source)
    .slice(0, MAX_FRAMES)
    .map((frame) => frame.trim())
    .join("\n");
}
