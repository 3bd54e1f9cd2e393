import type { Isolation, SandboxLimits } from "@plugboard/sandbox";

/** What the operator says about where plugins run and how much they may use; asked for each plugin by its id. */
export interface PluginSettings {
  /** Undefined: by who published it, see `isolationOf`. */
  isolation(pluginId: string): Isolation | undefined;
  /** What differs from the sandbox's own limits. */
  sandboxLimits(pluginId: string): Partial<SandboxLimits>;
}
