import semver from "semver";
import type { Finding } from "./finding.ts";

/** The plugin interfaces that hosts offer. */
const hostVersions = ">=1.0.0 <2.0.0";

/** At least one host can run it. */
export function judgeEngineRange(range: string): Finding[] {
  if (semver.validRange(range) !== null && semver.intersects(range, hostVersions)) return [];
  const message = `"${range}" leaves out every host there is (${hostVersions}). Name a range that takes one of them in, such as "^1.0.0".`;
  return [{ code: "engine-range", pointer: "/engines/plugboard", message }];
}
