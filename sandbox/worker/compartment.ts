import type { PluginCode } from "../messages.ts";
import type { Endowments } from "./endowments/index.ts";
import { placeOfSyntaxError } from "./syntax.ts";

// scuttle.ts takes the global away.
const NewCompartment = Compartment;

/** Evaluators, and names of SES that mean nothing to a plugin. */
const removedAlways = ["eval", "Function", "Compartment", "ModuleSource", "lockdown", "harden", "assert"];

/** What gives memory outside the heap, or shared memory. */
const removedWithoutBinary = [
  ...["ArrayBuffer", "SharedArrayBuffer", "DataView", "Atomics", "WebAssembly"],
  ...[
    "Int8Array",
    "Int16Array",
    "Int32Array",
    "BigInt64Array",
    "Float16Array",
    "Float32Array",
    "Float64Array",
  ],
  ...["Uint8Array", "Uint8ClampedArray", "Uint16Array", "Uint32Array", "BigUint64Array"],
];

/** `import.source()` and `import.defer()` are newer than the rule by which SES refuses `import()`. */
const PHASED_IMPORT = /\bimport\s*\.\s*(?:source\b|defer\b|[\\/])/;

/** What a plugin's code left in `module.exports`; not looked at yet. */
export type PluginExports = unknown;

/**
 * Evaluates the plugin in a compartment of its own, and returns its exports.
 * Throws what the code throws, or a SyntaxError.
 */
export function evaluatePlugin(plugin: PluginCode, endowments: Endowments): PluginExports {
  refusePhasedImport(plugin.code);
  const compartment = new NewCompartment({
    __options__: true,
    name: plugin.id,
    globals: endowments.forCompartment() as unknown as Map<string, unknown>,
  });
  const scope = compartment.globalThis;
  for (const name of removedAlways) delete scope[name];
  if (!plugin.binary) for (const name of removedWithoutBinary) delete scope[name];

  const sourceUrl = `${plugin.id}@${plugin.version}`.replace(/[^\w@./+-]/g, "_");
  const wrapper = evaluate(compartment, `(function (module, exports) {${plugin.code}\n})`, sourceUrl);
  if (typeof wrapper !== "function")
    throw new SyntaxError("The plugin's code does not fit in a function body.");
  const module = { exports: {} };
  Reflect.apply(wrapper, undefined, [module, module.exports]);
  return module.exports;
}

function evaluate(compartment: Compartment, code: string, sourceUrl: string): unknown {
  try {
    return compartment.evaluate(`${code}\n//# sourceURL=${sourceUrl}`);
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(error.message + placeOfSyntaxError(code));
    throw error;
  }
}

function refusePhasedImport(code: string): void {
  const found = PHASED_IMPORT.exec(code);
  if (!found) return;
  const line = code.slice(0, found.index).split("\n").length;
  throw new SyntaxError(
    `Line ${line} looks like import.source() or import.defer(), which plugin code cannot use.`,
  );
}
