import type { Header } from "../types.ts";
import type { VendorState } from "./meter.ts";

/**
 * Reads what vendors say without being asked: `RateLimit` and its parts (draft-ietf-httpapi-ratelimit-headers, of which
 * vendors have built every stage), `X-RateLimit-*`, and `Retry-After` of a 429 or 503.
 */
export function readLimitHeaders(status: number, headers: readonly Header[], now: number): VendorState {
  const get = (name: string) => headerValue(headers, name);
  const retryMs = status === 429 || status === 503 ? retryAfterMs(headers, now) : 0;
  if (retryMs > 0) return { remaining: 0, resetAt: now + retryMs };
  const combined = readCombined(get("ratelimit"));
  const part = (name: string) =>
    numberIn(get(`ratelimit-${name}`) ?? get(`x-ratelimit-${name}`) ?? get(`x-rate-limit-${name}`));
  const remaining = combined.remaining ?? part("remaining");
  const reset = combined.reset ?? part("reset");
  if (remaining === undefined || reset === undefined) return {};
  return { remaining, resetAt: timeOf(reset, now, headers) };
}

/** RFC 9110, section 10.2.3: seconds or a date. 0 if the vendor asks for nothing that can be read. */
export function retryAfterMs(headers: readonly Header[], now: number): number {
  const value = headerValue(headers, "retry-after") ?? "";
  const ms = /^\d+$/.test(value) ? Number(value) * 1000 : Date.parse(value) - vendorsNow(headers, now);
  return Math.max(0, ms) || 0;
}

/** Seconds from now, as the draft has it; vendors of before also write the time itself, in seconds or milliseconds. */
export function timeOf(reset: number, now: number, headers: readonly Header[]): number {
  if (reset <= 1e9) return now + reset * 1000;
  const at = reset > 1e12 ? reset : reset * 1000;
  return at + now - vendorsNow(headers, now);
}

/** A time that a vendor names is one on its own clock, which its `Date` tells. */
function vendorsNow(headers: readonly Header[], now: number): number {
  return Date.parse(headerValue(headers, "date") ?? "") || now;
}

function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([known]) => known === name)?.[1];
}

/** The first number: `100`, `100, 100;w=60`, `"burst";r=50`. */
export function numberIn(text: string | undefined): number | undefined {
  const [found] = /-?\d+(\.\d+)?/.exec((text ?? "").slice(0, maxLength)) ?? [];
  return found === undefined ? undefined : Number(found);
}

const maxLength = 200;

/** `limit=100, remaining=50, reset=5`, or `"default";r=50;t=30`. Of several policies the one with the least left. */
function readCombined(text: string | undefined): { remaining?: number; reset?: number } {
  if (text === undefined || text.length > maxLength) return {};
  const old = { remaining: /\bremaining=(\d+)/.exec(text)?.[1], reset: /\breset=(\d+)/.exec(text)?.[1] };
  if (old.remaining !== undefined && old.reset !== undefined)
    return { remaining: Number(old.remaining), reset: Number(old.reset) };
  const policies = text.split(",").flatMap((policy) => {
    const [r, t] = [/;\s*r=(\d+)/.exec(policy)?.[1], /;\s*t=(\d+)/.exec(policy)?.[1]];
    return r === undefined || t === undefined ? [] : [{ remaining: Number(r), reset: Number(t) }];
  });
  return policies.sort((one, other) => one.remaining - other.remaining)[0] ?? {};
}
