import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { strangersEnv } from "../../plugin-sdk/test/packed/index.ts";
import { fits } from "./tutorial.ts";

/** A person's shell, in an empty folder outside the repository, without this repository's tools. */
export interface Shell {
  /** What it has for itself; it begins in a folder in it. */
  root: string;
  /** Where the command before left off. */
  where(): string;
  write(file: string, content: string): Promise<void>;
  /** Runs a command where the one before left off, and holds what it prints against what is said of it. */
  expect(command: string, output: string): Promise<void>;
  /** A second terminal: begins a command in it, and waits until it shows this. */
  watch(command: string | undefined, output: string): Promise<void>;
}

const waitMs = 30_000;

/** @param elsewhere texts of the commands that are something else here */
export async function openShell(
  t: TestContext,
  elsewhere: { [said: string]: (folder: string) => string },
): Promise<Shell> {
  const root = await mkdtemp(path.join(tmpdir(), "plugboard-shell-"));
  const start = path.join(root, "work");
  await mkdir(start);
  let env: NodeJS.ProcessEnv = {
    ...strangersEnv(),
    PLUGBOARD_HOME: path.join(root, "home"),
    npm_config_loglevel: "error",
  };
  let cwd = start;
  let terminal: { child: ChildProcess; shown: string; heard(): void } | undefined;
  t.after(async () => {
    if (terminal?.child.exitCode === null && terminal.child.pid !== undefined) {
      process.kill(-terminal.child.pid, "SIGTERM");
      await once(terminal.child, "close");
    }
    await rm(root, { recursive: true, force: true });
  });
  const translated = (command: string) =>
    Object.entries(elsewhere).reduce((text, [said, is]) => text.replaceAll(said, is(root)), command);

  return {
    root,
    where: () => cwd,
    async write(file, content) {
      await mkdir(path.dirname(path.join(cwd, file)), { recursive: true });
      await writeFile(path.join(cwd, file), content);
    },
    async expect(command, output) {
      // What the command leaves behind, the folder and the variables, is told apart from what it prints.
      const mark = "--- the shell after the command ---";
      const script = `${translated(command)}\nended=$?; printf '%s\\n' '${mark}' "$PWD"; env -0; exit $ended`;
      const child = spawn("bash", ["-c", script], { cwd, env });
      const shown = { out: "", err: "" };
      child.stdout.setEncoding("utf8").on("data", (text: string) => (shown.out += text));
      child.stderr.setEncoding("utf8").on("data", (text: string) => (shown.err += text));
      const [code] = await once(child, "close");
      const [printed = "", after = ""] = shown.out.split(`${mark}\n`);
      // A terminal shows both; what a command notes of its progress is not part of what is said.
      const isFailure = output.startsWith("error:");
      const said = isFailure ? shown.err.replace(/^(?!error:).*\n/, "") : printed;
      assert.equal(code !== 0, isFailure, `$ ${command}\n${printed}\n${shown.err}`);
      assert.ok(fits(output, said), `$ ${command}\n${said}\n${shown.err}\n--- is not ---\n${output}`);
      const end = after.indexOf("\n");
      cwd = after.slice(0, end);
      env = Object.fromEntries(
        after
          .slice(end + 1)
          .split("\0")
          .filter((line) => line.includes("="))
          .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
      );
    },
    async watch(command, output) {
      if (command !== undefined) {
        const child = spawn("bash", ["-c", translated(command)], { cwd, env, detached: true });
        const opened = { child, shown: "", heard: () => {} };
        for (const stream of [child.stdout, child.stderr])
          stream.setEncoding("utf8").on("data", (text: string) => {
            opened.shown += text;
            opened.heard();
          });
        terminal = opened;
      }
      assert.ok(terminal, "no terminal runs");
      const { promise, resolve } = Promise.withResolvers<void>();
      const current = terminal;
      current.heard = () => fits(`…${output.trim()}…`, current.shown) && resolve();
      current.heard();
      const late = AbortSignal.timeout(waitMs);
      late.addEventListener("abort", () => resolve());
      await promise;
      assert.ok(
        fits(`…${output.trim()}…`, current.shown),
        `the terminal shows\n${current.shown}\n--- and not ---\n${output}`,
      );
    },
  };
}
