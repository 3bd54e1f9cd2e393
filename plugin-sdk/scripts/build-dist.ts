// Makes dist/: what `npm pack` ships. Run by npm's prepack.
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { type BuildOptions, build, type Plugin } from "esbuild";

const root = join(import.meta.dirname, "..");
const sandbox = join(root, "..", "sandbox");
const dist = join(root, "dist");

const common: BuildOptions = {
  bundle: true,
  format: "esm",
  platform: "node",
  target: "node20",
  packages: "external",
  logLevel: "warning",
};

/** The sandbox is not on npm: it comes along in a folder of its own, laid out as its sources are. */
const ownSandbox: Plugin = {
  name: "own-sandbox",
  setup({ onResolve }) {
    onResolve({ filter: /^@plugboard\/sandbox$/ }, () => ({ path: "../sandbox/index.js", external: true }));
  },
};

rmSync(dist, { recursive: true, force: true });
await buildSdk();
await buildSandbox();
emitTypes();

async function buildSdk(): Promise<void> {
  await build({
    ...common,
    absWorkingDir: root,
    entryPoints: [
      "index.ts",
      "manifest/index.ts",
      "package/index.ts",
      "trust/index.ts",
      "bundle/index.ts",
      "testing/index.ts",
      "exchange/index.ts",
      "inspection/index.ts",
      "cli/index.ts",
      "cli/main.ts",
      "cli/bin.ts",
      "cli/tests/summary-reporter.ts",
    ],
    outbase: root,
    outdir: dist,
    splitting: true,
    chunkNames: "chunks/[hash]",
    plugins: [ownSandbox],
  });
}

async function buildSandbox(): Promise<void> {
  await build({
    ...common,
    absWorkingDir: sandbox,
    entryPoints: { index: "index.ts", runner: "runner.ts", launcher: "launcher/main.ts" },
    outdir: join(dist, "sandbox"),
  });
  // With SES in it, not imported by it: an import would run before the code that has to precede SES.
  const { packages: _, ...inlined } = common;
  await build({
    ...inlined,
    absWorkingDir: sandbox,
    entryPoints: { worker: "worker/main.ts" },
    outdir: join(dist, "sandbox"),
    external: ["tinypool"],
  });
}

function emitTypes(): void {
  const typescript = createRequire(import.meta.url).resolve("typescript/package.json");
  const { status } = spawnSync(
    process.execPath,
    [join(dirname(typescript), "bin", "tsc"), "--project", join(import.meta.dirname, "tsconfig.dist.json")],
    { stdio: "inherit" },
  );
  if (status !== 0) throw new Error("The types of dist/ could not be made; tsc says why above.");
  for (const path of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
    if (path.endsWith(".d.ts")) nameBuiltFiles(join(dist, path));
  }
}

/** Declarations keep the sources' `./x.ts`; beside them there is `./x.js`. */
function nameBuiltFiles(path: string): void {
  const text = readFileSync(path, "utf8");
  writeFileSync(path, text.replace(/(\b(?:from|import)\s*\(?\s*"\.[^"]*)\.ts"/g, '$1.js"'));
}
