import type { HardCode } from "./harden.ts";

/** A place in a file that the author wrote. Line and column count from 1. */
export interface SourcePlace {
  file: string;
  line: number;
  column: number;
}

/** The sandbox puts the code in a function, whose head stands before the first line. */
const headLength = "(function (module, exports) {".length;

/** Of the frames of a stack from the sandbox, such as `at run (acme/lamp@1.0.0:12:5)`: the innermost first. */
export function placesOf(stack: string | undefined, originOf: HardCode["originOf"]): SourcePlace[] {
  return (stack ?? "").split("\n").flatMap((frame) => {
    const [, line, column] = /:(\d+):(\d+)\)?$/.exec(frame) ?? [];
    if (!line || !column) return [];
    const place = originOf(Number(line), Math.max(Number(column) - (line === "1" ? headLength : 0), 1));
    const { file } = place;
    return file && place.line ? [{ file, line: place.line, column: place.column ?? 1 }] : [];
  });
}
