import { spawn } from "node:child_process";
import { once } from "node:events";
import { glob, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CliFailure, type FailureProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { findSdkPackage } from "../package-root.ts";

/** How the tests of a plugin went. */
export interface TestRun {
  tests: number;
  passed: number;
  failed: number;
  skipped: number;
  /** By file and line. */
  failures: FailureProblem[];
}

export interface TestRunOptions {
  /** The plugin's. */
  directory: string;
  env: CliHost["env"];
  /** Only tests whose names fit this regular expression. */
  name?: string | undefined;
  /** Hears what Node's own reporter prints, as it comes. */
  show(text: string): void;
}

/**
 * Runs the `*.test.ts` and `*.test.js` of a plugin with node:test, each file in a process of its own.
 *
 * @throws {CliFailure} when there are none, or when they could not be run
 */
export async function runTests({ directory, env, name, show }: TestRunOptions): Promise<TestRun> {
  const files = await testFiles(directory);
  if (files.length === 0)
    throw new CliFailure(
      "tests-missing",
      `There is no *.test.ts or *.test.js in ${directory}. Write one with createTestHost of @plugboard/plugin-sdk/testing.`,
    );
  const folder = await mkdtemp(join(tmpdir(), "plugboard-test-"));
  try {
    const summary = join(folder, "summary.json");
    const { NODE_TEST_CONTEXT: _, ...rest } = env; // a test of ours may be what runs this
    const reporters = [
      ["spec", "stdout"],
      [reporterPath(), summary],
    ].flatMap(([reporter, to]) => [`--test-reporter=${reporter}`, `--test-reporter-destination=${to}`]);
    const pattern = name === undefined ? [] : [`--test-name-pattern=${name}`];
    const args = [...conditions(), "--test", ...reporters, ...pattern, ...files];
    const child = spawn(process.execPath, args, {
      cwd: directory,
      env: rest,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", show);
    const [code] = await once(child, "close");
    const text = await readFile(summary, "utf8").catch(() => "");
    if (text === "")
      throw new CliFailure(
        "tests-failed",
        `Node ended with ${code} before the tests did; it says why above.`,
      );
    return JSON.parse(text);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function testFiles(directory: string): Promise<string[]> {
  const found = glob("**/*.test.{ts,mts,js,mjs}", {
    cwd: directory,
    exclude: (path) => /(?:^|[\\/])(?:node_modules|dist)$/.test(path),
  });
  const files: string[] = [];
  for await (const file of found) files.push(file);
  return files.sort();
}

const fromSource = import.meta.filename.endsWith(".ts");

function reporterPath(): string {
  const path = `cli/tests/summary-reporter.${fromSource ? "ts" : "js"}`;
  return join(findSdkPackage().root, ...(fromSource ? [] : ["dist"]), path);
}

/** Inside the repository the tests import the SDK's sources, as this command does. */
function conditions(): string[] {
  return process.execArgv.filter((argument) => argument.startsWith("--conditions="));
}
