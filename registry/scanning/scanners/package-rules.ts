import { findForeignFiles, findMissingFiles } from "@plugboard/plugin-sdk/inspection";
import { compareStatement } from "../../release/index.ts";
import { judged, type Scanner } from "../scanner.ts";

/** The stored package is still what the publisher signed, and holds nothing that a plugin has no use for. */
export const packageRules: Scanner = {
  name: "package-rules",
  version: "1",
  deadlineMs: 20_000,
  async scan({ content, statement }) {
    const problems = [...compareStatement(statement, content.statement), ...findForeignFiles(content.files)];
    return judged(problems, { notes: findMissingFiles(content.files) });
  },
};
