export { compareStatement } from "./compare-statement.ts";
export { ReleaseError, type ReleasePart } from "./errors.ts";
export { type ReleaseToVerify, verifyRelease } from "./verify-release.ts";
