/** One limit, as an operator sees it. */
export interface Limit {
  unit: "bytes" | "ms" | "count";
  /** What may be set. */
  min: number;
  max: number;
  default: number;
  /** The code that what runs into it gets; undefined where nothing is refused. */
  code?: string;
  /** Of one plugin, and settable for each; or of the whole host, and settable once. */
  scope: "plugin" | "host";
  meaning: string;
}

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;

type Range = [min: number, max: number];
type Given = { default: number; range: Range; code?: string; meaning: string; scope?: "host" };

export const bytes = (given: Given): Limit => limit("bytes", given);
export const ms = (given: Given): Limit => limit("ms", given);
export const count = (given: Given): Limit => limit("count", given);

function limit(unit: Limit["unit"], { range: [min, max], scope, ...given }: Given): Limit {
  return { unit, min, max, scope: scope ?? "plugin", ...given };
}
