// How far what Shopify tells may be behind the plugin's clock.

/** Between the two clocks. */
export const clockSkewMs = 300_000;

/** A search finds what was changed a moment ago later than what was changed after it. */
export const indexingMs = 60_000;

/** ISO 8601, so long before. */
export const before = (time: string, ms: number): string => new Date(Date.parse(time) - ms).toISOString();

/** The later of two times; null is before all. */
export const later = (one: string | null, other: string | null): string | null =>
  one !== null && (other === null || Date.parse(one) > Date.parse(other)) ? one : other;
