import type { Check } from "./check.ts";
import { bundlerRuns, diskHasRoom, nodeVersion, sandboxStarts, temporaryFolder } from "./machine.ts";
import { keysAreLocked, profileIsPrivate } from "./profile.ts";
import { accountIsKnown, clockIsRight, hostAnswers, keysAreKnown, registryAnswers } from "./services.ts";

export type { Finding } from "./check.ts";

/** In the order of what builds on what. */
export const checks: readonly Check[] = [
  nodeVersion,
  sandboxStarts,
  bundlerRuns,
  diskHasRoom,
  temporaryFolder,
  profileIsPrivate,
  keysAreLocked,
  registryAnswers,
  clockIsRight,
  accountIsKnown,
  keysAreKnown,
  hostAnswers,
];
