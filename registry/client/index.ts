export { Listing as listingSchema } from "../catalog/schemas.ts";
export { leadsTo, UpdateChannel } from "../channels/index.ts";
export { Approval, policyBody, VersionedPolicy } from "../policies/schemas.ts";
export { PublisherLink, PublisherLinks } from "../private-plugins/schemas.ts";
export {
  ReleaseError,
  type ReleasePart,
  type ReleaseToVerify,
  type VerifiedRelease,
  verifyRelease,
} from "../release/index.ts";
export { Facets, SearchItem as searchItem, searchFilters } from "../search/schemas.ts";
export {
  type Block,
  changeRevocations,
  followLog,
  type IndexProof,
  type LogEntry,
  type LogPlace,
  type RevocationChange,
  Revocations,
  TransparencyError,
  withheldName,
} from "../transparency/index.ts";
export { AvailableUpdate, mostInstallsPerCheck, UpdateNeeds, UpdateReason } from "../updates/schemas.ts";
export { RegistryProblem, RegistryUnavailable } from "./errors.ts";
export type { PolicyClient } from "./policies.ts";
export type { Purchase, RegistryEntitlement, TenantUsage } from "./pricing.ts";
export type { PrivatePluginClient } from "./private-plugins.ts";
export {
  createRegistryClient,
  type InstallUpdate,
  type InstallWish,
  type Listing,
  type Page,
  type Publication,
  type PublishedVersion,
  type Publisher,
  type Registered,
  type RegistryClient,
  type RegistryInstall,
  type RegistryInstallWithHistory,
  type ReleaseSignatures,
  type Root,
  type SearchItem,
  type SearchPage,
  type SearchRequest,
} from "./registry-client.ts";
export type { ClientOptions } from "./request.ts";
export type { OwnReview, Rating, Review, ReviewAuthor, ReviewClient } from "./reviews.ts";
export type { CheckedInstall, UpdateCheck, UpdateClient } from "./updates.ts";
