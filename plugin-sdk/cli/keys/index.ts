export { openProfile, profilePath } from "./profile.ts";
export { sealPrivateKey } from "./stored-private-key.ts";
export { unlock } from "./unlock.ts";
