import type { RegistryClient } from "@plugboard/registry/client";

/** What a host asks its registry, to know whom and what to believe. */
export type TrustSource = Pick<
  RegistryClient,
  "getRoot" | "getRootVersion" | "getCheckpoint" | "getLog" | "getRevocations" | "getRevocationChanges"
>;
