import type { Problem } from "@plugboard/plugin-sdk/manifest";
import type { PluginPackage } from "@plugboard/plugin-sdk/package";
import type { PluginShape } from "@plugboard/sandbox";

/** What the checks of a publication look at. */
export interface Subject {
  content: PluginPackage;
  /** What the code says it offers, loaded once in the sandbox. Throws SandboxError where it does not load. */
  describe(): Promise<PluginShape>;
}

/**
 * One thing that a package must fulfil to be published.
 *
 * @returns everything that is wrong; nothing if the package passes
 * @throws when the check itself could not be made: that is neither a pass nor a fail, and it is tried again
 */
export interface Check {
  name: string;
  run(subject: Subject): Promise<Problem[]>;
}
