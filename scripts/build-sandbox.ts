/**
 * Bundles the code of the sandbox's threads and processes into one file each: Node then strips no types and reads no
 * fifty files whenever a plugin starts, which takes half of that time. sandbox/bundles.ts finds them.
 */
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { build } from "esbuild";
import { bundleOf } from "../sandbox/bundles.ts";

const sandbox = join(import.meta.dirname, "..", "sandbox");
const dist = join(sandbox, "dist");

if (!bundleOf("worker")) await bundle();

async function bundle(): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: sandbox,
    entryPoints: { worker: "worker/main.ts", runner: "runner.ts", launcher: "launcher/main.ts" },
    outdir: dist,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node26",
    // It finds its own worker's file beside its own.
    external: ["tinypool"],
    metafile: true,
    logLevel: "warning",
  });
  const inputs = await Promise.all(
    Object.keys(metafile.inputs).map(async (input) => {
      const path = join(sandbox, input);
      const digest = createHash("sha256")
        .update(await readFile(path))
        .digest("hex");
      return [relative(sandbox, path), digest] as const;
    }),
  );
  await writeFile(join(dist, "inputs.json"), JSON.stringify(Object.fromEntries(inputs), null, 1));
}
