import { type CodeFacts, judgeCapabilities } from "@plugboard/plugin-sdk/inspection";
import { InspectionExhausted, inspect } from "../inspection/index.ts";
import { judged, type Scanner } from "../scanner.ts";
import { tooCostly } from "./too-costly.ts";

/**
 * What the code asks for is what plugin.json declares. A request to an address that stands in the code and is declared
 * nowhere is refused: it could never work. What is declared and seems unused, or only named in a text, is noted.
 */
export const capabilities: Scanner = {
  name: "declared-capabilities",
  version: "1",
  deadlineMs: 40_000,
  async scan({ content: { manifest, mainCode } }, signal) {
    let facts: CodeFacts;
    try {
      facts = await inspect("code", { code: mainCode }, signal);
    } catch (error) {
      if (error instanceof InspectionExhausted) return judged([tooCostly(manifest.main)]);
      throw error;
    }
    // That it cannot be parsed is for the sandbox to say.
    if (!facts.parsed) return judged([], { skipped: "the code cannot be parsed" });
    const hosts = [...new Set(facts.hosts.map(({ host }) => host))];
    const { problems, notes } = judgeCapabilities(manifest, facts);
    return judged(problems, { hostsInCode: hosts.slice(0, 100), notes });
  },
};
