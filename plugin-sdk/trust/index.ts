export { canonicalJson, sha256Hex } from "./canonical-json.ts";
export { TrustError, type TrustErrorCode } from "./errors.ts";
export { generateSigningKey, publicPart, type SigningKeyPair, thumbprint } from "./keys.ts";
export { addRootSignature, rootSigners, type SignedRoot, verifyRoot } from "./root.ts";
export { activeKeys, isOutlived, requireCounts, soundKeys, verifySequenced } from "./sequenced-keys.ts";
export { signStatement } from "./sign-statement.ts";
export {
  type Checkpoint,
  type Claim,
  type Delegation,
  type EntitlementStatement,
  type HostKeyProof,
  type OnlineKey,
  type Order,
  type OrderAction,
  type PublisherStatement,
  type Receipt,
  type RegistryStatement,
  type ReviewReply,
  type Root,
  type SequencedKey,
  type StatementType,
  statementTypes,
  type UsageReport,
  type UsageWindow,
} from "./statements.ts";
export { verifyStatement, verifyWithKey } from "./verify-statement.ts";
