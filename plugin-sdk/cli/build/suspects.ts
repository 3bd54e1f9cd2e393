import type { SourceMap } from "node:module";
import type { Node } from "@babel/types";
import type { FailureProblem } from "../failure.ts";

/** Code that may fail in the sandbox when it runs: in a file of the author's, or of a package. */
export type Suspect = FailureProblem;

export type Report = (node: Node, message: string) => void;

/** Looks that find something of the code each. */
export type Reports = (code: string) => Report;

/** Where something in the bundle comes from. Lines count from 1, columns of a bundle from 0. */
export function toProblem(
  origins: SourceMap,
  { line, column }: { line: number; column: number },
): Pick<FailureProblem, "file" | "line" | "column"> {
  const origin = origins.findOrigin(line, column + 1);
  return "fileName" in origin
    ? { file: origin.fileName, line: origin.lineNumber, column: origin.columnNumber }
    : { file: "dist/plugin.js", line };
}

/** What the author can change; a package often looks first whether something is there. */
export function isOwn({ file }: Suspect): boolean {
  return file !== undefined && !file.includes("node_modules/");
}
