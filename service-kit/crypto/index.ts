export { CryptoError, type CryptoErrorCode } from "./errors.ts";
export { newId } from "./ids.ts";
export { loadMasterKey, type MasterKey, needsRewrap, unwrapKey, wrapKey } from "./master-key.ts";
export { generateDataKey, open, seal } from "./seal.ts";
export { readOrCreateSecretFile } from "./secret-file.ts";
export { hashToken, type SecretToken, sameToken, secretToken } from "./tokens.ts";
