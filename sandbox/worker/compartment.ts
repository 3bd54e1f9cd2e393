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
 * Makes the function that evaluates the plugin in one more compartment and returns its exports. It throws what the
 * code throws, or a SyntaxError. The text is made once: V8 then compiles it once for all compartments.
 */
export function createEvaluator(plugin: PluginCode, endowments: Endowments): () => PluginExports {
  const sourceUrl = `${plugin.id}@${plugin.version}`.replace(/[^\w@./+-]/g, "_");
  const source = `(function (module, exports) {${plugin.code}\n})\n//# sourceURL=${sourceUrl}`;
  let checked = false;

  return () => {
    if (!checked) refusePhasedImport(source);
    checked = true;
    const web = endowments.web();
    const compartment = new NewCompartment({
      __options__: true,
      name: plugin.id,
      globals: { ...endowments.language, ...web } as unknown as Map<string, unknown>,
    });
    const scope = compartment.globalThis;
    for (const name of removedAlways) delete scope[name];
    if (!plugin.binary) for (const name of removedWithoutBinary) delete scope[name];

    for (const name of Reflect.ownKeys(scope)) if (!Object.hasOwn(web, name)) fix(scope, name);

    const wrapper = evaluate(compartment, source);
    if (typeof wrapper !== "function")
      throw new SyntaxError("The plugin's code does not fit in a function body.");
    const module = { exports: {} };
    Reflect.apply(wrapper, undefined, [module, module.exports]);
    return module.exports;
  };
}

/**
 * The names of the language become constants of the compartment, which its code then finds without a detour over its
 * global object: a loop over Math.max is fifty times as fast. What we endow stays replaceable, as polyfills expect.
 */
function fix(scope: Record<PropertyKey, unknown>, name: string | symbol): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(scope, name);
  if (descriptor?.configurable && "value" in descriptor && name !== "globalThis")
    Reflect.defineProperty(scope, name, { ...descriptor, writable: false, configurable: false });
}

function evaluate(compartment: Compartment, source: string): unknown {
  try {
    return compartment.evaluate(source);
  } catch (error) {
    if (error instanceof SyntaxError) throw new SyntaxError(error.message + placeOfSyntaxError(source));
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
