import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { TestContext } from "node:test";
import { runCli } from "@plugboard/plugin-sdk/cli";

const repository = path.resolve(import.meta.dirname, "../..");

/** Somebody at a terminal of their own, with an empty home. */
export interface CliUser {
  folder: string;
  /** Every command line, and everything that was printed so far. */
  transcript(): string;
  run(args: string[], o?: CliWorld): Promise<CliRun>;
  /** Runs it with `--json`, and fails unless it succeeds. */
  done(args: string[], o?: CliWorld): Promise<Answer>;
}

export interface CliWorld {
  env?: Record<string, string>;
  stdin?: string;
  /** In a process of its own, as a shell starts it: what it costs is for the few that are about that. */
  inProcess?: boolean;
}

export interface CliRun {
  code: number;
  stdout: string;
  stderr: string;
}

// biome-ignore lint/suspicious/noExplicitAny: an answer has whatever shape the command gives it; the test says which
type Answer = any;

export async function createCliUser(t: TestContext, env: Record<string, string>): Promise<CliUser> {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-cli-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const own = { PATH: process.env.PATH ?? "", PLUGBOARD_HOME: path.join(folder, "home"), ...env };
  let transcript = "";

  const run: CliUser["run"] = async (args, { env = {}, stdin, inProcess = false } = {}) => {
    const world = { cwd: folder, env: { ...own, ...env }, stdin };
    const outcome = await (inProcess ? spawnCommand(args, world) : callCommand(args, world));
    transcript += [args.join(" "), outcome.stdout, outcome.stderr, ""].join("\n");
    return outcome;
  };
  return {
    folder,
    transcript: () => transcript,
    run,
    async done(args, o) {
      const { code, stdout, stderr } = await run([...args, "--json"], o);
      if (code !== 0) throw new Error(`plugboard ${args.join(" ")} ended with ${code}: ${stdout}${stderr}`);
      return JSON.parse(stdout);
    },
  };
}

interface World {
  cwd: string;
  env: Record<string, string>;
  stdin: string | undefined;
}

async function callCommand(args: string[], { cwd, env, stdin }: World): Promise<CliRun> {
  let [stdout, stderr] = ["", ""];
  const code = await runCli(args, {
    cwd,
    env,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    interactive: false,
    ...(stdin !== undefined && { readStdin: async () => stdin }),
  });
  return { code, stdout, stderr };
}

async function spawnCommand(args: string[], { cwd, env, stdin = "" }: World): Promise<CliRun> {
  const main = path.join(repository, "plugin-sdk/cli/main.ts");
  const { NODE_COMPILE_CACHE } = process.env;
  const options = { cwd, env: { NODE_COMPILE_CACHE, ...env }, stdio: "pipe" } as const;
  const child = spawn(process.execPath, ["--conditions=@plugboard/source", main, ...args], options);
  const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on("data", (chunk) => stdout.push(chunk));
  child.stderr.on("data", (chunk) => stderr.push(chunk));
  child.stdin.on("error", () => {}); // It does not read what it needs not.
  child.stdin.end(stdin);
  const code = await new Promise<number>((resolve) => child.once("close", (exit) => resolve(exit ?? -1)));
  return {
    code,
    stdout: Buffer.concat(stdout).toString("utf8"),
    stderr: Buffer.concat(stderr).toString("utf8"),
  };
}
