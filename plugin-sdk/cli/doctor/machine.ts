import { mkdtemp, rm, statfs } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Check, failed, messageOf, ok, warning } from "./check.ts";

/** The first whose permission model closes the network, which the sandbox relies on. */
const neededMajor = 26;
/** A build and its packages, and a sandbox's folders. */
const scarceBytes = 200 * 1024 * 1024;

export const nodeVersion: Check = {
  name: "node",
  async look() {
    const { node } = process.versions;
    const hasFlag = process.allowedNodeEnvironmentFlags.has("--permission");
    if (Number.parseInt(node, 10) >= neededMajor && hasFlag)
      return ok(`Node ${node}, with the permission model`);
    return failed(
      `Node ${node}${hasFlag ? "" : ", without the permission model"}`,
      `Install Node ${neededMajor} or newer, or run "npm rebuild node" for the one that comes along.`,
    );
  },
};

export const sandboxStarts: Check = {
  name: "sandbox",
  async look() {
    try {
      const { describeWalls, openSandbox } = await import("@plugboard/sandbox");
      const sandbox = openSandbox({
        id: "plugboard/doctor",
        version: "1.0.0",
        code: "module.exports.default = { actions: {} };",
        binary: false,
      });
      try {
        await sandbox.describe();
      } finally {
        await sandbox.close();
      }
      const walls = describeWalls();
      return ok(
        `starts; around a process this system gives: ${walls.join(", ") || "nothing besides Node's own"}`,
      );
    } catch (error) {
      return failed(
        `does not start: ${messageOf(error)}`,
        "Plugins cannot be built or tested here. Look whether memory or processes run out, and install the SDK anew.",
      );
    }
  },
};

export const bundlerRuns: Check = {
  name: "bundler",
  async look() {
    try {
      const { transform, version } = await import("esbuild");
      await transform("export const x: number = 1", { loader: "ts" });
      return ok(`esbuild ${version} runs`);
    } catch (error) {
      return failed(
        `esbuild does not run: ${messageOf(error).split("\n")[0]}`,
        'Run "npm rebuild esbuild"; where npm runs no install scripts, allow esbuild\'s.',
      );
    }
  },
};

export const diskHasRoom: Check = {
  name: "disk",
  async look({ host }) {
    const found: string[] = [];
    for (const folder of new Set([host.cwd, tmpdir()])) {
      const { bavail, bsize } = await statfs(folder);
      const free = bavail * bsize;
      if (free < scarceBytes)
        return warning(
          `${folder} has ${Math.round(free / 1024 / 1024)} MiB left`,
          `Builds may fail; make room for ${scarceBytes / 1024 / 1024} MiB or more.`,
        );
      found.push(`${folder} has ${(free / 1024 ** 3).toFixed(1)} GiB left`);
    }
    return ok(found.join(", "));
  },
};

export const temporaryFolder: Check = {
  name: "temporary folder",
  async look() {
    try {
      const folder = await mkdtemp(join(tmpdir(), "plugboard-doctor-"));
      await rm(folder, { recursive: true });
      return ok(`${tmpdir()} can be written to`);
    } catch (error) {
      return failed(messageOf(error), "Set TMPDIR to a folder that you may write to.");
    }
  },
};
