import type { CliHost } from "../host.ts";

/** What was found by one look at this machine, or at what it is connected to. */
export interface Finding {
  /** `skipped`: there was nothing to look at. */
  status: "ok" | "warning" | "failed" | "skipped";
  found: string;
  /** What to do about it. */
  advice?: string;
}

export interface Check {
  name: string;
  /** Does not throw, but for what nobody expects. */
  look(where: Surroundings): Promise<Finding>;
}

export interface Surroundings {
  host: CliHost;
  /** --registry, --host */
  options: { registry?: string; host?: string };
  now(): Date;
}

export const ok = (found: string): Finding => ({ status: "ok", found });
export const skipped = (found: string): Finding => ({ status: "skipped", found });
export const warning = (found: string, advice: string): Finding => ({ status: "warning", found, advice });
export const failed = (found: string, advice: string): Finding => ({ status: "failed", found, advice });

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
