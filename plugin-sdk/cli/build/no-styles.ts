import type { Plugin } from "esbuild";

/** esbuild would put styles in a file of their own, which no package has. */
export const noStyles: Plugin = {
  name: "no-styles",
  setup(build) {
    build.onResolve({ filter: /\.css$/ }, ({ path }) => ({
      errors: [{ text: `"${path}" is a style sheet, and plugins have no page. Leave the import out.` }],
    }));
  },
};
