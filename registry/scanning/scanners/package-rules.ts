import { compareStatement } from "../../release/index.ts";
import { type Finding, judged, type Scanner } from "../scanner.ts";

/** What programs of an operating system, and archives, begin with. */
const foreign: { starts: number[]; what: string }[] = [
  { starts: [0x7f, 0x45, 0x4c, 0x46], what: "a program for Linux (ELF)" },
  { starts: [0x4d, 0x5a, 0x90, 0x00], what: "a program for Windows (PE)" },
  { starts: [0xcf, 0xfa, 0xed, 0xfe], what: "a program for macOS (Mach-O)" },
  { starts: [0xca, 0xfe, 0xba, 0xbe], what: "a program for macOS or Java" },
  { starts: [0x00, 0x61, 0x73, 0x6d], what: "WebAssembly" },
  { starts: [0x50, 0x4b, 0x03, 0x04], what: "a zip archive" },
  { starts: [0x1f, 0x8b], what: "a gzip archive" },
];

/**
 * The stored package is still what the publisher signed, and holds nothing that a plugin, which is one script, has no use
 * for: programs, and archives, in which nobody would see what is inside.
 */
export const packageRules: Scanner = {
  name: "package-rules",
  version: "1",
  deadlineMs: 20_000,
  async scan({ content, statement }) {
    const problems: Finding[] = compareStatement(statement, content.statement);
    for (const { path: file, content: bytes } of content.files) {
      const found = foreign.find(({ starts }) => starts.every((byte, index) => bytes[index] === byte));
      if (!found) continue;
      const message = `${file} is ${found.what}. A package holds the script, plugin.json and texts and pictures about it; remove the file.`;
      problems.push({ code: "file-foreign", pointer: "", file, message });
    }
    const has = (pattern: RegExp) => content.files.some(({ path }) => pattern.test(path));
    const notes: Finding[] = [];
    if (!has(/^readme\.md$/i)) notes.push(missing("README.md", "tells people what the plugin does"));
    if (!has(/^licen[cs]e(\.md|\.txt)?$/i)) notes.push(missing("LICENSE", "says what may be done with it"));
    return judged(problems, { notes });
  },
};

function missing(file: string, why: string): Finding {
  return { code: "file-missing", pointer: "", file, message: `The package has no ${file}, which ${why}.` };
}
