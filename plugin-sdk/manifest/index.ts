export { chargeOf } from "./charge.ts";
export { checkManifest } from "./check-manifest.ts";
export { checkRequests } from "./check-requests.ts";
export { consentDigest } from "./consent-digest.ts";
export { type ContributedHook, contributedHooks } from "./contributed-hooks.ts";
export {
  ContributedSchemaError,
  checkContributedSchema,
  compileContributedSchema,
  schemasUnder,
} from "./contributed-schema/index.ts";
export { isDeceptive } from "./deceptive-text.ts";
export { diffPermissions, type PermissionLine } from "./diff-permissions.ts";
export { entityOperations, inputOperations, isWriting, writingOperations } from "./entity-operations.ts";
export {
  type HookKind,
  type HookName,
  type HookOrder,
  type HookPoint,
  hookOrders,
  hookPoints,
  isHookName,
} from "./hook-points.ts";
export { parseHostPattern } from "./host-pattern.ts";
export {
  type BatchUnit,
  type BatchWrite,
  batchPauses,
  compileOffer,
  coversEventType,
  entitySchemas,
  isNothingDone,
  isNotMade,
  type KnownEffects,
  type Offer,
  type OfferTarget,
  offerLimits,
  partOf,
  planBatch,
  readResults,
  type StatedError,
  saysRefused,
  targetOf,
  type WriteResult,
} from "./offers/index.ts";
export { type RequestPath, requestPath } from "./path-pattern.ts";
export { permitsRequest } from "./permits-request.ts";
export type * from "./requests.ts";
export { requestsProblems } from "./requests-problems.ts";
export { manifestSchema, manifestSchemaUrl } from "./schema/index.ts";
export { sharedReference } from "./shared-schemas.ts";
export { termsDigest } from "./terms-digest.ts";
export type * from "./types.ts";
export { fillTextTemplate, fillUrlTemplate } from "./url-template.ts";
export type * from "./webhooks.ts";
