export { judgeCapabilities } from "./declared-capabilities.ts";
export { judgeEngineRange } from "./engine-range.ts";
export type { SecretFound, TextFile } from "./find-secrets.ts";
export type { Finding } from "./finding.ts";
export { imageType, type ListingFile, type ListingFileKind, listingFiles } from "./listing-files.ts";
export { findSecrets, readCode } from "./look.ts";
export { findForeignFiles, findMissingFiles } from "./package-files.ts";
export type { CodeFacts } from "./read-code.ts";
export { describeSecret, findSecretFiles } from "./secrets.ts";
