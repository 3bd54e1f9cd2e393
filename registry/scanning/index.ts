export { likeness } from "./names/index.ts";
export { runScanners } from "./run-scanners.ts";
export { type Scan, type ScanReport, type ScanSummary, toScan } from "./scan-report.ts";
export type { Finding, Scanner, Verdict } from "./scanner.ts";
export { createScanners, type NameRegister } from "./scanners/index.ts";
