import type { Problem } from "../manifest/index.ts";

/** One thing that was found in a package. `pointer` is into plugin.json; what lies in another file has `file`, and `line` where there is one. */
export interface Finding extends Problem {
  /** A path inside the package. */
  file?: string;
  /** Counts from 1. */
  line?: number;
}
