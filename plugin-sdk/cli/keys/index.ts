export { openProfile, type Profile, type ProfileKey, profilePath } from "./profile.ts";
export { findSigningKey, type SigningKey, unlock } from "./signing-key.ts";
export { sealPrivateKey } from "./stored-private-key.ts";
