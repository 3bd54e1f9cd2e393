import { checkManifest } from "@plugboard/plugin-sdk/manifest";
import type { Check } from "./check.ts";

/** plugin.json keeps every rule that is in force now, not only those of the day it was uploaded. */
export const manifestRules: Check = {
  name: "manifest-rules",
  async run({ content }) {
    return checkManifest(content.manifest).problems;
  },
};
