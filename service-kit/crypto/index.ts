export { CryptoError, type CryptoErrorCode } from "./errors.ts";
export { newId } from "./ids.ts";
export { type KeyManagement, localKeyManagement, movingKeyManagement } from "./key-management.ts";
export { loadMasterKey, type MasterKey, unwrapKey, wrapKey, wrappedPrefix } from "./master-key.ts";
export { generateDataKey, open, seal } from "./seal.ts";
export { readOrCreateSecretFile } from "./secret-file.ts";
export { hashToken, type SecretToken, sameToken, secretToken } from "./tokens.ts";
