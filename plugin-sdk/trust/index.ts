export { TrustError, type TrustErrorCode } from "./errors.ts";
export { generateSigningKey, type SigningKeyPair, thumbprint } from "./keys.ts";
export { signStatement } from "./sign-statement.ts";
export {
  type Claim,
  type Delegation,
  type PublisherStatement,
  type Receipt,
  type RegistryStatement,
  type StatementType,
  statementTypes,
} from "./statements.ts";
export { verifyStatement } from "./verify-statement.ts";
