import { httpErrors } from "@plugboard/service-kit/http";
import semver from "semver";
import { isRange } from "../catalog/index.ts";

/**
 * The range that a request asks for: `range`, or exactly one `version`.
 *
 * @throws `invalid-request` unless it is one of the two, and readable
 */
export function wishedRange(wish: { range?: string; version?: string }): string {
  const { range, version } = wish;
  if (range !== undefined && version !== undefined)
    throw invalid("/version", "goes without range: give one of the two");
  if (version !== undefined) {
    if (semver.valid(version) !== version) throw invalid("/version", "must be a version such as 1.2.3");
    return version;
  }
  if (range === undefined) throw invalid("/range", "is required, unless version is given");
  if (!isRange(range)) throw invalid("/range", "must be a semver range such as ^1.2.0");
  return range;
}

function invalid(pointer: string, message: string) {
  const problems = [{ in: "body", pointer, message }];
  return httpErrors.error("invalid-request", `body${pointer} ${message}.`, { problems });
}
