export { findPackage } from "./package-path.ts";
export { readStatement } from "./read-statement.ts";
export { publisherOf, type SignedPackage, signPackage } from "./sign-package.ts";
