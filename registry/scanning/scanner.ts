import type { Finding } from "@plugboard/plugin-sdk/inspection";
import type { PluginPackage } from "@plugboard/plugin-sdk/package";
import type { PublisherStatement } from "@plugboard/plugin-sdk/trust";
import type { PluginShape } from "@plugboard/sandbox";

/**
 * `fail` rejects; `suspicious` leaves it to the operator; `error` says that the look itself could not be made, which is
 * no pass: it is tried again, and in the end left to the operator too.
 */
export type Verdict = "pass" | "fail" | "suspicious" | "error";

export type { Finding };

export interface ScanResult {
  verdict: Verdict;
  /** Why it is no pass: what was found, what was expected, what to do. */
  problems: Finding[];
  /** What else is worth knowing, as JSON. `notes` are findings that hinder nothing. */
  report: { notes?: Finding[]; [fact: string]: unknown };
}

/** What scanners look at. All that is in it was made by a stranger. */
export interface ScannedPackage {
  /** Whose it is, and whether the operator vouches for who that is. */
  publisher: { name: string; verified: boolean };
  /** What the publisher signed. */
  statement: PublisherStatement;
  content: PluginPackage;
  /** What the code says it offers, loaded once in the sandbox. Throws SandboxError where it does not load. */
  describe(): Promise<PluginShape>;
}

/** One look at a package. */
export interface Scanner {
  name: string;
  /** Raised when it may find other things than before. */
  version: string;
  /** After so long its verdict is `error`. */
  deadlineMs: number;
  /** What it throws is an `error`. `signal` aborts when nobody waits for the answer any more. */
  scan(pkg: ScannedPackage, signal: AbortSignal): Promise<ScanResult>;
}

/** What most scanners answer: a fail where there is a problem, a pass where there is none. */
export function judged(problems: Finding[], report: ScanResult["report"] = {}): ScanResult {
  return { verdict: problems.length > 0 ? "fail" : "pass", problems, report };
}
