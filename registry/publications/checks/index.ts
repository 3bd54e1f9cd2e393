import type { Check } from "./check.ts";
import { contributesMatch } from "./contributes-match.ts";
import { engineRange } from "./engine-range.ts";
import { listingFiles } from "./listing-files.ts";
import { loadsInSandbox } from "./loads-in-sandbox.ts";
import { manifestRules } from "./manifest-rules.ts";

export type { Check, Subject } from "./check.ts";

/** What every package must pass, in the order in which the problems are reported. */
export const checks: readonly Check[] = [
  manifestRules,
  engineRange,
  listingFiles,
  loadsInSandbox,
  contributesMatch,
];
