export { findKey } from "./find-key.ts";
export { readKeyFile, toKeyFile } from "./key-file.ts";
export { type PrivateKey, parsePrivateJwk } from "./parse-jwk.ts";
export { newPassphrase } from "./passphrase.ts";
export {
  changeProfile,
  type Login,
  type Profile,
  type ProfileKey,
  profilePath,
  readProfile,
} from "./profile.ts";
export { readSecretFile, readSecretFromStdin, writeSecretFile } from "./secret-file.ts";
export { type StoredPrivateKey, sealPrivateKey } from "./stored-private-key.ts";
export { openSealed, replaceStored, unlock } from "./unlock.ts";
