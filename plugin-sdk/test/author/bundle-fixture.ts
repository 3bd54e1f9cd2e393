import { build } from "esbuild";

/** The fixture plugin as a host runs it: one CommonJS-shaped script. */
export async function bundleFixture(options: { minify: boolean }): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL("./fixture/plugin.ts", import.meta.url).pathname],
    bundle: true,
    write: false,
    format: "cjs",
    platform: "neutral",
    target: "es2024",
    conditions: ["@plugboard/source"],
    ...options,
  });
  return outputFiles[0]?.text ?? "";
}
