import { SourceMap } from "node:module";
import { transform } from "esbuild";
import type { FailureProblem } from "../failure.ts";
import type { Bundle } from "./bundle.ts";

const noNode = "Plugins do not run in Node";
const noPage = "Plugins do not run in a web page";
const bytes = 'Bytes need the permission "binary" in plugin.json, with a reason';

/** Global names that authors expect and the sandbox does not have, and what to do instead. */
const missing: Record<string, string> = {
  process: `${noNode}: settings come as connection.config, and credentials are added by the host`,
  Buffer: `${noNode}: for base64 use atob and btoa`,
  setImmediate: `${noNode}: use setTimeout or queueMicrotask`,
  __dirname: `${noNode}: import what you need, JSON too`,
  __filename: `${noNode}: import what you need, JSON too`,
  window: noPage,
  document: noPage,
  localStorage: noPage,
  XMLHttpRequest: "Use fetch",
  WebSocket: "Use fetch",
  eval: "Plugins cannot make code from text",
  WebAssembly: "There is no compiled code in plugins; look for a package in JavaScript",
  SharedArrayBuffer: "Calls share no memory",
  Atomics: "Calls share no memory",
  WeakRef: "When memory is collected is not to be seen; use WeakMap, or let things go",
  FinalizationRegistry: "When memory is collected is not to be seen",
  Intl: "Use toLocaleString() and its kin",
};

const missingWithoutBinary: Record<string, string> = Object.fromEntries(
  ["Uint8Array", "Uint8ClampedArray", "Uint16Array", "Uint32Array", "Int8Array", "Int16Array", "Int32Array"]
    .concat("Float32Array", "Float64Array", "DataView", "ArrayBuffer")
    .map((name) => [name, bytes]),
);

const marker = "__plugboardMissing_";
const uses = new RegExp(`(?<!typeof )\\b${marker}(\\w+)`, "g");

/**
 * Where the author's own files use a global name that the sandbox does not have. Not what packages use (they often
 * look first whether it is there), nor what stands behind `typeof`. A warning, since it may be code that never runs.
 */
export async function findMissingNames(
  { code, map }: Bundle,
  o: { binary: boolean },
): Promise<FailureProblem[]> {
  const names = { ...missing, ...(o.binary ? {} : missingWithoutBinary) };
  // esbuild's `define` replaces a name only where nothing in scope declares it; so what it replaces is what is missing.
  const inlineMap = Buffer.from(map).toString("base64");
  const marked = await transform(`${code}\n//# sourceMappingURL=data:application/json;base64,${inlineMap}`, {
    define: Object.fromEntries(Object.keys(names).map((name) => [name, marker + name])),
    sourcemap: "external",
    sourcesContent: false,
    sourcefile: "dist/plugin.js",
    logLevel: "silent",
  });
  const origins = new SourceMap(JSON.parse(marked.map));
  return marked.code.split("\n").flatMap((text, row) =>
    [...text.matchAll(uses)].flatMap((use): FailureProblem[] => {
      const name = use[1] ?? "";
      const origin = origins.findOrigin(row + 1, use.index + 1);
      if (!("fileName" in origin) || origin.fileName.includes("node_modules/")) return [];
      const { fileName: file, lineNumber: line, columnNumber: column } = origin;
      return [
        {
          code: "name-missing",
          file,
          line,
          column,
          message: `The sandbox has no "${name}". ${names[name]}.`,
        },
      ];
    }),
  );
}
