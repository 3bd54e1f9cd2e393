export { findPackage } from "./package-path.ts";
export { readStatement } from "./read-statement.ts";
export { publisherOf, signPackage } from "./sign-package.ts";
export { findSigningKey } from "./signing-key.ts";
