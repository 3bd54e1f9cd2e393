import { checkManifest } from "@plugboard/plugin-sdk/manifest";
import { judged, type Scanner } from "../scanner.ts";

/** plugin.json keeps every rule that is in force now, not only those of the day it was uploaded. */
export const manifestRules: Scanner = {
  name: "manifest-rules",
  version: "1",
  deadlineMs: 20_000,
  async scan({ content }) {
    return judged(checkManifest(content.manifest).problems);
  },
};
