import { judgeEngineRange } from "@plugboard/plugin-sdk/inspection";
import { judged, type Scanner } from "../scanner.ts";

/** At least one host can run it. */
export const engineRange: Scanner = {
  name: "engine-range",
  version: "1",
  deadlineMs: 5_000,
  scan: async ({ content }) => judged(judgeEngineRange(content.manifest.engines.plugboard)),
};
