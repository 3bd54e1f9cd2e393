/** Salesforce writes `2026-11-01T09:30:00.000+0000`; this plugin's records have ISO 8601 as everybody reads it. */
export function isoTime(value: unknown): string | null {
  if (typeof value !== "string") return null;
  const ms = Date.parse(value.replace(/([+-]\d{2})(\d{2})$/, "$1:$2"));
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}
