export type { HostApi, Install, InstallWish } from "./client.ts";
export { withConsent } from "./consent.ts";
export { findHostUrl } from "./host-url.ts";
export { openHost, openHostWith } from "./open.ts";
