export { compareStatement } from "./compare-statement.ts";
export { ReleaseError, type ReleasePart } from "./errors.ts";
export { type ReleaseToVerify, type VerifiedRelease, verifyRelease } from "./verify-release.ts";
