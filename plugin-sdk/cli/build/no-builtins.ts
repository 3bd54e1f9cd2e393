import { builtinModules } from "node:module";
import type { Plugin } from "esbuild";

const builtins = new Set(builtinModules.filter((name) => !name.startsWith("_")));
const resolving = Symbol("asked whether an npm package has this name");

/**
 * Refuses imports of Node's own modules, which a plugin cannot reach. An npm package that has the name of one
 * (`buffer`, `events`) is taken where it is installed.
 */
export const noNodeBuiltins: Plugin = {
  name: "no-node-builtins",
  setup(build) {
    build.onResolve({ filter: /^[a-z]/ }, async (args) => {
      if (args.pluginData === resolving) return undefined;
      const name = args.path.replace(/^node:/, "");
      if (!builtins.has(name) && !args.path.startsWith("node:")) return undefined;
      if (!args.path.startsWith("node:")) {
        const { importer, resolveDir, kind } = args;
        const found = await build.resolve(args.path, { importer, resolveDir, kind, pluginData: resolving });
        if (found.errors.length === 0 && !found.external) return found;
      }
      return {
        errors: [
          {
            text:
              `"${args.path}" is a module of Node, and plugins do not run in Node. ` +
              "Use the standard web names (fetch, URL, crypto, TextEncoder) or what the context hands to run().",
          },
        ],
      };
    });
  },
};
