import { type ChildProcess, spawn } from "node:child_process";
import path from "node:path";

export const repository = path.resolve(import.meta.dirname, "..");

/** A child process that said it is ready. */
export interface Running {
  pid: number;
  /** What the ready line gave, such as an address. */
  ready: string;
  /** Everything that it printed so far. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts a program of this repository and waits until a line of its output matches `ready`. */
export async function startProgram(options: {
  program: string;
  env: Record<string, string>;
  ready: RegExp;
  timeoutMs?: number;
}): Promise<Running> {
  const child = spawn(process.execPath, ["--conditions=@plugboard/source", options.program], {
    cwd: repository,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed: Buffer[] = [];
  const output = () => Buffer.concat(printed).toString("utf8");
  child.stderr.on("data", (chunk) => printed.push(chunk));
  const ready = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(notReady("in time")), options.timeoutMs ?? 60_000);
    const notReady = (why: string) =>
      new Error(`${options.program} was not ready ${why}:\n${output().slice(-2000)}`);
    child.stdout.on("data", (chunk) => {
      printed.push(chunk);
      const match = options.ready.exec(output());
      if (!match?.[1]) return;
      clearTimeout(timer);
      resolve(match[1]);
    });
    child.once("exit", (code) => {
      clearTimeout(timer);
      reject(notReady(`and exited with ${code}`));
    });
  });
  return { pid: child.pid ?? 0, ready, output, stop: () => stopChild(child) };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  await exited;
}

/** Runs a command to its end and gives its standard output. @throws with all that it printed if it fails */
export async function runCommand(
  command: string,
  args: string[],
  options: { cwd: string; env?: Record<string, string> },
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const printed: Buffer[] = [];
  const answer: Buffer[] = [];
  child.stdout.on("data", (chunk) => {
    printed.push(chunk);
    answer.push(chunk);
  });
  child.stderr.on("data", (chunk) => printed.push(chunk));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) {
    const output = Buffer.concat(printed).toString("utf8");
    throw new Error(`${command} ${args.join(" ")} exited with ${code}:\n${output.slice(-3000)}`);
  }
  return Buffer.concat(answer).toString("utf8");
}
