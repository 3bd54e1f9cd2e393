// What may go out of a plugin and what may come back in, apart from any network: every host holds requests to the same.

export {
  fitsReply,
  isGraphql,
  isGraphqlRead,
  isReading,
  isSafe,
  type JudgedReply,
  type Refusal,
  readingFunctions,
  refusalOf,
  saysNothingDone,
} from "./changes.ts";
export {
  type FileBody,
  type FilesOfCall,
  type FileTarget,
  type HeldFile,
  type HeldFileWriter,
  openFileFunctions,
  type SendTransfer,
  type Transfer,
} from "./files/index.ts";
export {
  HookAnswerRefusal,
  readHookedReply,
  readHookedRequest,
  toHookedReply,
  toHookedRequest,
} from "./hooked/index.ts";
export {
  dropAuthHeaders,
  type Injection,
  inject,
  injectionFor,
  noInjection,
  withoutOwnAuth,
} from "./inject.ts";
export { describeNotGranted } from "./not-granted.ts";
export { type Handshake, readHandshake } from "./read-handshake.ts";
export { readRequest } from "./read-request.ts";
export { followRedirect } from "./redirects.ts";
export { ExchangeRefusal } from "./refusal.ts";
export { toReply } from "./reply.ts";
export { canonicalName, isVendorsToHear } from "./request-headers.ts";
export { createScrubber, createStreamScrubber, type Scrubber } from "./scrub/index.ts";
export type { Header, PluginReply, PluginRequest, UsableCredential, VendorResponse } from "./types.ts";
