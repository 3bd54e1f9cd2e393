import type { PackageFile } from "../package/index.ts";
import type { Finding } from "./finding.ts";

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

/** What a plugin, which is one script, has no use for: programs, and archives, in which nobody would see what is inside. */
export function findForeignFiles(files: readonly PackageFile[]): Finding[] {
  return files.flatMap(({ path: file, content: bytes }): Finding[] => {
    const found = foreign.find(({ starts }) => starts.every((byte, index) => bytes[index] === byte));
    if (!found) return [];
    const message = `${file} is ${found.what}. A package holds the script, plugin.json and texts and pictures about it; remove the file.`;
    return [{ code: "file-foreign", pointer: "", file, message }];
  });
}

/** What people expect of a package and do not find. */
export function findMissingFiles(files: readonly PackageFile[]): Finding[] {
  const has = (pattern: RegExp) => files.some(({ path }) => pattern.test(path));
  const notes: Finding[] = [];
  if (!has(/^readme\.md$/i)) notes.push(missing("README.md", "tells people what the plugin does"));
  if (!has(/^licen[cs]e(\.md|\.txt)?$/i)) notes.push(missing("LICENSE", "says what may be done with it"));
  return notes;
}

function missing(file: string, why: string): Finding {
  return { code: "file-missing", pointer: "", file, message: `The package has no ${file}, which ${why}.` };
}
