import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import type { ScannerOutcome } from "./run-scanners.ts";
import type { Finding, Verdict } from "./scanner.ts";

/** All that was found in one look at a package. */
export interface ScanReport {
  plugin: string;
  version: string;
  tarballSha512: string;
  scannedAt: string;
  verdict: Verdict;
  scanners: ScannerOutcome[];
}

/** What anybody may know of a scan: who looked, with which result, and the digest that binds the whole report. */
export interface ScanSummary {
  /** SHA-256 over the canonical JSON (RFC 8785) of the report, lowercase hex. */
  digest: string;
  scannedAt: string;
  verdict: Verdict;
  checks: { name: string; version: string; result: Verdict }[];
}

export interface Scan {
  report: ScanReport;
  /** The report as canonical JSON. */
  text: string;
  summary: ScanSummary;
  /** Of all scanners that did not pass, in their order. */
  problems: Finding[];
  notes: Finding[];
}

export function toScan(report: Omit<ScanReport, "verdict">): Scan {
  const whole: ScanReport = { ...report, verdict: verdictOf(report.scanners) };
  const text = canonicalJson(whole);
  const { scannedAt, verdict, scanners } = whole;
  return {
    report: whole,
    text,
    summary: {
      digest: sha256Hex(text),
      scannedAt,
      verdict,
      checks: scanners.map(({ name, version, verdict: result }) => ({ name, version, result })),
    },
    problems: scanners.flatMap(({ problems }) => problems),
    notes: scanners.flatMap(({ report: { notes = [] } }) => notes),
  };
}

/** What is certainly wrong outweighs what could not be looked at, and that outweighs a suspicion. */
const byWeight = ["fail", "error", "suspicious"] as const;

function verdictOf(scanners: ScannerOutcome[]): Verdict {
  return byWeight.find((weight) => scanners.some(({ verdict }) => verdict === weight)) ?? "pass";
}
