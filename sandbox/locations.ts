import { existsSync, realpathSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundleOf } from "./bundles.ts";

const inSourceTree = import.meta.url.endsWith(".ts");

/**
 * The code of the thread. In the source tree it is TypeScript, which Node strips, or the bundle of it when there is one
 * that is up to date; a published package has it as one bundled file beside this module's bundle, `worker.js`, since
 * Node refuses to strip types in node_modules. A bundler must emit worker/main.ts to that name, with `ses` in it or left
 * as a dependency, and leave `tinypool` out.
 */
export const defaultWorkerUrl = (): URL => locate("worker", "./worker/main.ts");

/** The code of a process that holds a thread; `runner.js` in a published package. */
export const runnerUrl = (): URL => locate("runner", "./runner.ts");

/** The code of the process that starts those; `launcher.js` in a published package. */
export const launcherUrl = (): URL => locate("launcher", "./launcher/main.ts");

const locate = (name: "worker" | "runner" | "launcher", source: string): URL =>
  inSourceTree
    ? (bundleOf(name) ?? new URL(source, import.meta.url))
    : new URL(`./${name}.js`, import.meta.url);

const isSource = (url: URL): boolean => url.href.endsWith(".ts");

/** What that process reads beside what its thread does. */
export function runnerReadablePaths(): string[] {
  const runner = realpathSync(fileURLToPath(runnerUrl()));
  return [isSource(runnerUrl()) ? `${dirname(runner)}/` : runner];
}

/** tinypool runs the loop of the thread; the others are the compartments. Those that were bundled are not there. */
const packages = ["tinypool", "ses", "@endo/env-options", "@endo/cache-map", "@endo/immutable-arraybuffer"];

/** The only files that the thread may read: its own code and the packages that this code loads. Public code, all of it. */
export function readablePaths(workerUrl: URL): string[] {
  const paths = [fileURLToPath(workerUrl)];
  if (isSource(workerUrl)) {
    const own = dirname(fileURLToPath(import.meta.url));
    paths.push(join(own, "worker"), join(own, "messages.ts"));
  }
  const require = createRequire(import.meta.url);
  for (const name of packages) {
    const found = (require.resolve.paths(name) ?? [])
      .map((folder) => join(folder, name))
      .find((path) => existsSync(path));
    if (found) paths.push(found);
  }
  return paths
    .map((path) => realpathSync(path))
    .map((path) => (statSync(path).isDirectory() ? `${path}/` : path));
}
