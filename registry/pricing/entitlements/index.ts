export { createEntitlements, type Entitlement, type Entitlements } from "./entitlements.ts";
