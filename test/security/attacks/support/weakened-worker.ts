/**
 * For tests alone: the sandbox's own thread with walls taken away, to show that the attacks would be noticed, and to
 * attack the second wall alone. Which are left is written into a copy of this file (weakened.ts), since a process is sealed,
 * and opens no file any more, before a plugin comes into it:
 *
 * | left | compartments and frozen intrinsics | globals and module loader closed | Node's permission flags |
 * | --- | --- | --- | --- |
 * | `no-compartment` | - | yes | yes |
 * | `no-walls` | - | - | yes |
 * | `flags-alone` | -, and Node's own `fetch`, `URL`, … | - | yes |
 */
import { registerHooks } from "node:module";
import { constants, runInThisContext } from "node:vm";

const main = new URL("../../../../sandbox/worker/main.ts", import.meta.url).href;
const realProcess = process;

const left: string = "no-walls";

export default await weaken();

async function weaken(): Promise<(task: unknown) => unknown> {
  const stubs: Record<string, string> = { "./lockdown.ts": "data:text/javascript," };
  if (left !== "no-compartment")
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
      if (left === "flags-alone") return;
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
