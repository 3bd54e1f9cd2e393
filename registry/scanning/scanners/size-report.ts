import { type Finding, judged, type Scanner } from "../scanner.ts";

const largestShown = 10;
const packagesShown = 200;

/** Where bundlers keep the path of a module: esbuild's comments and the keys of its CommonJS wrappers. */
const modulePath = /node_modules\/((?:@[a-z0-9._~-]{1,100}\/)?[a-z0-9._~-]{1,100})\//gi;

/** What is in the package by size, and which npm packages were bundled, as far as the bundle still says so. */
export const sizeReport: Scanner = {
  name: "size-report",
  version: "1",
  deadlineMs: 20_000,
  async scan({ content }) {
    const { files, size, mainCode, manifest } = content;
    const bySize = files
      .map(({ path, content: bytes }) => ({ path, bytes: bytes.length }))
      .sort((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
    const bundled = new Set<string>();
    for (const [, name] of mainCode.matchAll(modulePath)) {
      if (name && bundled.size < packagesShown) bundled.add(name);
    }
    const notes: Finding[] = [];
    const sourceMapMentioned = /^\s*\/\/[#@] sourceMappingURL=/m.test(mainCode);
    if (sourceMapMentioned && !files.some(({ path }) => path.endsWith(".map"))) {
      const message =
        "The code names a source map that is not in the package; build without it, or leave it in.";
      notes.push({ code: "source-map-missing", pointer: "", file: manifest.main, message });
    }
    return judged([], {
      packedBytes: size,
      unpackedBytes: bySize.reduce((sum, { bytes }) => sum + bytes, 0),
      files: files.length,
      largest: bySize.slice(0, largestShown),
      sourceMapMentioned,
      bundledPackages: [...bundled].sort(),
      notes,
    });
  },
};
