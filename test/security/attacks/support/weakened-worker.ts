/**
 * For tests alone: the sandbox's own thread with walls taken away, to show that the attacks would be noticed, and to
 * attack the second wall alone. What is left stands in the plugin's id:
 *
 * | id | compartments and frozen intrinsics | globals and module loader closed | Node's permission flags |
 * | --- | --- | --- | --- |
 * | `acme/no-compartment` | - | yes | yes |
 * | `acme/no-walls` | - | - | yes |
 * | `acme/flags-alone` | -, and Node's own `fetch`, `URL`, … | - | yes |
 */
import { registerHooks } from "node:module";
import { constants, runInThisContext } from "node:vm";

const main = new URL("../../../../sandbox/worker/main.ts", import.meta.url).href;
const realProcess = process;

let weakened: Promise<(task: unknown) => unknown> | undefined;

export default async function runTask(task: { plugin?: { id: string } }): Promise<unknown> {
  weakened ??= weaken(task.plugin?.id ?? "");
  return (await weakened)(task);
}

async function weaken(id: string): Promise<(task: unknown) => unknown> {
  const stubs: Record<string, string> = { "./lockdown.ts": "data:text/javascript," };
  if (id !== "acme/no-compartment")
    stubs["./scuttle.ts"] = "data:text/javascript,export const scuttle = () => {};";
  registerHooks({
    resolve: (specifier, context, next) => {
      const stub = stubs[specifier];
      return stub === undefined ? next(specifier, context) : { url: stub, shortCircuit: true };
    },
  });

  class OpenCompartment {
    /** Takes what is deleted and fixed in a compartment's global, so that the thread's own stays as it is. */
    globalThis = {};
    constructor({ globals = {} }: { globals?: object } = {}) {
      if (id === "acme/flags-alone") return;
      // Some of Node's have a getter alone, and the closed globals keep two of their own.
      for (const [name, value] of Object.entries(globals))
        Reflect.defineProperty(globalThis, name, { value, writable: true, configurable: true });
    }
    evaluate(source: string): unknown {
      return runInThisContext(source, { importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER });
    }
  }
  Object.assign(globalThis, {
    Compartment: OpenCompartment,
    harden: (value: unknown) => value,
    getStackString: (error: Error) => error.stack,
  });
  const loaded = (await import(main)) as { default(task: unknown): unknown };
  Object.assign(globalThis, { realProcess });
  return loaded.default;
}
