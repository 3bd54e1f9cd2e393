import type { Pricing } from "@plugboard/plugin-sdk/manifest";

/**
 * Until when something paid at a time is paid for. A subscription is extended from where it ends, or from now if it has
 * ended; a month later is the same day of the next month, or its last one (31 January → 28 or 29 February), in UTC.
 *
 * @returns null where it does not end by itself: bought once, by usage, or at a price of the operator's
 */
export function paidUntil({ interval }: Pricing, standing: Date | null, now: Date): Date | null {
  if (!interval) return null;
  const from = standing && standing > now ? standing : now;
  return addMonths(from, interval === "year" ? 12 : 1);
}

function addMonths(from: Date, months: number): Date {
  const until = new Date(from);
  const day = from.getUTCDate();
  until.setUTCDate(1);
  until.setUTCMonth(until.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(until.getUTCFullYear(), until.getUTCMonth() + 1, 0)).getUTCDate();
  until.setUTCDate(Math.min(day, lastDay));
  return until;
}
