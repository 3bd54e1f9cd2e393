import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import type { TestContext } from "node:test";

const main = path.resolve(import.meta.dirname, "../../main.ts");

/** What the registry needs of this process's environment; nothing else is handed on. */
const { PATH, HOME, NODE_COMPILE_CACHE } = process.env;
const inherited = { PATH, HOME, NODE_COMPILE_CACHE };

function launch(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ["--conditions=@plugboard/source", main], {
    env: { ...inherited, PORT: "0", LOG_LEVEL: "fatal", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

export interface RegistryProcess {
  url: string;
  /** What it printed before it was ready. */
  printed: string[];
  /** Sends the signal and waits for the end. @returns exit code, or the signal that ended it */
  end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null>;
}

/** Runs `registry/main.ts` in a process of its own, until it says that it is ready. */
export async function spawnRegistry(t: TestContext, env: Record<string, string>): Promise<RegistryProcess> {
  const child = launch(env);
  t.after(() => child.kill("SIGKILL"));
  const ended = once(child, "exit");
  const printed: string[] = [];
  const errors: string[] = [];
  child.stderr?.on("data", (chunk) => errors.push(String(chunk)));
  for await (const line of createInterface({ input: child.stdout ?? process.stdin })) {
    const [, url] = /ready at (\S+)$/.exec(line) ?? [];
    if (!url) {
      printed.push(line);
      continue;
    }
    return {
      url,
      printed,
      async end(signal) {
        child.kill(signal);
        const [code, endedBy] = await ended;
        return code ?? endedBy;
      },
    };
  }
  throw new Error(`The registry ended before it was ready: ${errors.join("")}`);
}

/** Runs it until it ends by itself. */
export async function runRegistry(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const child = launch(env);
  const errors: string[] = [];
  child.stderr?.on("data", (chunk) => errors.push(String(chunk)));
  const [code] = (await once(child, "close")) as [number];
  return { code, stderr: errors.join("") };
}
