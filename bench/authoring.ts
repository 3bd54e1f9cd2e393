import { execFile, spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { Row } from "./row.ts";

const run = promisify(execFile);
const repository = path.join(import.meta.dirname, "..");
const saves = 7;

/** An author's day, outside the repository and from the packed SDK: to the first answer, and from a save to the next. */
export async function benchAuthoring(): Promise<Row[]> {
  const folder = await mkdtemp(path.join(tmpdir(), "plugboard-bench-"));
  try {
    await run("npm", ["pack", "--silent", "-w", "plugin-sdk", "--pack-destination", folder], {
      cwd: repository,
    });
    const [tarball = ""] = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
    const npm = (cwd: string, ...args: string[]) => run("npm", [...args, "--no-fund", "--no-audit"], { cwd });
    const from = performance.now();
    await npm(folder, "install", `./${tarball}`);
    const started = performance.now();
    await run("npx", ["plugboard", "init", "acme/lamp", "--yes"], { cwd: folder });
    const directory = path.join(folder, "lamp");
    await npm(directory, "install");
    await writeFile(path.join(directory, "index.ts"), plugin(0));
    const dev = await serve(directory);
    try {
      await dev.until((said) => said === 0);
      const first = performance.now() - started;
      const reloads: number[] = [];
      for (let save = 1; save <= saves; save++) {
        const saved = performance.now();
        await writeFile(path.join(directory, "index.ts"), plugin(save));
        await dev.until((said) => said === save);
        reloads.push(performance.now() - saved);
      }
      const median = reloads.toSorted((a, b) => a - b)[Math.floor(saves / 2)] ?? Number.NaN;
      return [
        { what: "npm install of the SDK", value: (started - from) / 1000, unit: "s" },
        { what: "init to the first answer of an action", value: first / 1000, unit: "s", goal: "≤ 60 s" },
        {
          what: "dev: from a save to an answer of the new version",
          value: median,
          unit: "ms",
          goal: "≤ 1,000 ms",
        },
      ];
    } finally {
      await dev.stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const plugin = (said: number) => `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
const say = action({ title: "Say", input: Type.Object({}), output: Type.Object({ said: Type.Integer() }), run: () => ({ said: ${said} }) });
export default definePlugin({ actions: { say } });
`;

/** `plugboard dev`, called over its local API as soon as it says that something was loaded. */
async function serve(directory: string) {
  const child = spawn("npx", ["plugboard", "dev", "--json"], {
    cwd: directory,
    detached: true,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  async function heard(type: string): Promise<void> {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error("plugboard dev ended");
      if (JSON.parse(value).type === type) return;
    }
  }
  await heard("ready");
  const { url, token } = JSON.parse(await readFile(path.join(directory, ".plugboard", "dev.json"), "utf8"));
  const headers = { authorization: `Bearer ${token}` };
  async function call(): Promise<unknown> {
    const response = await fetch(`${url}/call/action/say`, { method: "POST", headers, body: "{}" });
    const { output } = (await response.json()) as { output?: { said?: unknown } };
    return output?.said;
  }
  return {
    async until(fits: (said: unknown) => boolean) {
      while (!fits(await call())) await heard("loaded");
    },
    async stop() {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
      await new Promise((resolve) => child.once("close", resolve));
    },
  };
}
