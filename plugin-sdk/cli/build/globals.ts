import type { Plugin } from "esbuild";

/** Other hosts' names for the global object. Packages look for them and fall back to making code from text. */
export const globalAliases = { global: "globalThis", self: "globalThis" };

const path = "plugboard:globals";

/**
 * `Function` for those who ask `x instanceof Function` or look at `Function.prototype`: the sandbox has no such name.
 * This is the one that every function has as its constructor, which there makes no code.
 */
const contents =
  "export const Function = /* @__PURE__ */ (() => Object.getPrototypeOf(() => {}).constructor)();";

/** Gives packages the global names that they expect and that give them no power. Only what is used is bundled. */
export const globals: Plugin = {
  name: "globals",
  setup(build) {
    build.initialOptions.inject = [path];
    build.onResolve({ filter: /^plugboard:globals$/ }, () => ({
      path,
      namespace: "plugboard",
      sideEffects: false,
    }));
    build.onLoad({ filter: /^plugboard:globals$/, namespace: "plugboard" }, () => ({
      contents,
      loader: "js",
    }));
  },
};
