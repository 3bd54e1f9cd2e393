import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

const repository = path.resolve(import.meta.dirname, "../..");

/** A host as an operator starts it: a process of its own, here in a process group of its own. */
export interface HostProcess {
  address: string;
  /** What it printed so far, both streams. */
  output(): string;
  /** Stops its time, and lets it go on. */
  pause(): void;
  resume(): void;
  /** Ends the whole group at once, as the kernel would when memory runs out. */
  killNine(): Promise<void>;
  /** Asks it to stop, and gives its exit code. */
  stop(): Promise<number | null>;
}

/** Starts `core/main.ts`, without the bundled connectors unless told otherwise. @throws with its output, if it ends before it is ready */
export async function startHostProcess(env: Record<string, string>): Promise<HostProcess> {
  const { DATABASE_URL: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ["--conditions=@plugboard/source", "core/main.ts"], {
    cwd: repository,
    env: { ...inherited, PORT: "0", LOG_LEVEL: "warn", PLUGBOARD_BUNDLED_PLUGINS: "false", ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  const printed: Buffer[] = [];
  const output = () => Buffer.concat(printed).toString("utf8");
  const address = await new Promise<string>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      printed.push(chunk);
      const ready = /ready at (\S+)/.exec(output());
      if (ready?.[1]) resolve(ready[1]);
    };
    child.stdout.on("data", look);
    child.stderr.on("data", look);
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`the host ended with ${code}:\n${output()}`)));
  });
  return {
    address,
    output,
    pause: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
    async killNine() {
      const exited = hasExited(child) ? undefined : once(child, "exit");
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
      await exited;
    },
    async stop() {
      if (hasExited(child)) return child.exitCode;
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}

function hasExited(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}
