/** From the first moment to before the last, in milliseconds since 1970. */
export interface Span {
  from: number;
  to: number;
}

const dayMs = 86_400_000;

/**
 * What a date literal stands for, in UTC: https://developer.salesforce.com/docs/atlas.en-us.soql_sosl.meta/soql_sosl/sforce_api_calls_soql_select_dateformats.htm
 *
 * @returns undefined for what is none
 */
export function spanOf(name: string, n: number, nowMs: number): Span | undefined {
  const now = new Date(nowMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const today = Math.floor(nowMs / dayMs) * dayMs;
  const days = (from: number, count: number): Span => ({
    from: today + from * dayMs,
    to: today + (from + count) * dayMs,
  });
  const months = (from: number, count: number): Span => ({
    from: Date.UTC(year, month + from, 1),
    to: Date.UTC(year, month + from + count, 1),
  });
  const sunday = -now.getUTCDay();
  switch (name) {
    case "YESTERDAY":
      return days(-1, 1);
    case "TODAY":
      return days(0, 1);
    case "TOMORROW":
      return days(1, 1);
    case "LAST_WEEK":
      return days(sunday - 7, 7);
    case "THIS_WEEK":
      return days(sunday, 7);
    case "NEXT_WEEK":
      return days(sunday + 7, 7);
    case "LAST_MONTH":
      return months(-1, 1);
    case "THIS_MONTH":
      return months(0, 1);
    case "NEXT_MONTH":
      return months(1, 1);
    case "LAST_YEAR":
      return { from: Date.UTC(year - 1, 0, 1), to: Date.UTC(year, 0, 1) };
    case "THIS_YEAR":
      return { from: Date.UTC(year, 0, 1), to: Date.UTC(year + 1, 0, 1) };
    case "LAST_90_DAYS":
      return days(-90, 91);
    case "NEXT_90_DAYS":
      return days(1, 90);
    case "LAST_N_DAYS":
      return days(-n, n + 1);
    case "NEXT_N_DAYS":
      return days(1, n);
    default:
      return undefined;
  }
}
