import { describeSecret, findSecretFiles } from "@plugboard/plugin-sdk/inspection";
import { InspectionExhausted, inspect } from "../inspection/index.ts";
import { type Finding, judged, type Scanner } from "../scanner.ts";
import { tooCostly } from "./too-costly.ts";

/** Nobody's keys are in the files. What only looks like a secret is left to the operator. */
export const secrets: Scanner = {
  name: "secrets",
  version: "1",
  deadlineMs: 40_000,
  async scan({ content }, signal) {
    const problems: Finding[] = findSecretFiles(content.files);
    try {
      const found = await inspect("secrets", { files: content.files }, signal);
      problems.push(...found.map(describeSecret));
      const isCertain = found.some(({ certain }) => certain) || problems.length > found.length;
      const result = judged(problems);
      return problems.length > 0 && !isCertain ? { ...result, verdict: "suspicious" } : result;
    } catch (error) {
      if (error instanceof InspectionExhausted)
        return judged([...problems, tooCostly(content.manifest.main)]);
      throw error;
    }
  },
};
