import type { Scanner } from "../scanner.ts";
import { capabilities } from "./capabilities.ts";
import { contributesMatch } from "./contributes-match.ts";
import { engineRange } from "./engine-range.ts";
import { listingFiles } from "./listing-files.ts";
import { loadsInSandbox } from "./loads-in-sandbox.ts";
import { manifestRules } from "./manifest-rules.ts";
import { createNameSimilarity, type NameRegister } from "./name-similarity.ts";
import { packageRules } from "./package-rules.ts";
import { secrets } from "./secrets.ts";
import { sizeReport } from "./size-report.ts";

export type { NameRegister } from "./name-similarity.ts";

/** Everything that looks at a package, in the order in which problems are reported. */
export function createScanners(names: NameRegister): readonly Scanner[] {
  return [
    packageRules,
    manifestRules,
    engineRange,
    listingFiles,
    loadsInSandbox,
    contributesMatch,
    capabilities,
    secrets,
    createNameSimilarity(names),
    sizeReport,
  ];
}
