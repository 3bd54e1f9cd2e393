import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { PassThrough } from "node:stream";
import type { TestContext } from "node:test";
import { runCli } from "../../cli/index.ts";

/** An author's folder outside the repository, with the SDK installed and a profile of its own. */
export interface Author {
  folder: string;
  /** Writes files, by path; objects as JSON. */
  write(files: { [path: string]: string | object }): Promise<void>;
  /** Runs `plugboard …` in the folder. */
  run(args: string[], env?: { [name: string]: string }, world?: CliWorld): Promise<CliOutcome>;
}

/** What is otherwise not there: something on standard input, a terminal to look at. */
export interface CliWorld {
  stdin?: string;
  terminal?: boolean;
  /** What somebody types when asked; what was asked gets into `CliOutcome.asked`. */
  answers?: string;
}

export interface CliOutcome {
  code: number;
  stdout: string;
  stderr: string;
  asked: string;
  /** What `--json` printed. */
  json(): Json;
}

// biome-ignore lint/suspicious/noExplicitAny: tests assert on whatever the command printed
type Json = any;

const sdkFolder = join(import.meta.dirname, "..", "..");

export async function createAuthor(t: TestContext): Promise<Author> {
  const root = await mkdtemp(join(tmpdir(), "plugboard-author-"));
  t.after(() => rm(root, { recursive: true, force: true }));
  const folder = join(root, "plugin");
  await mkdir(join(root, "node_modules", "@plugboard"), { recursive: true });
  await symlink(sdkFolder, join(root, "node_modules", "@plugboard", "plugin-sdk"));
  await mkdir(folder);
  return {
    folder,
    async write(files) {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        const isWritten = typeof content === "string" || Buffer.isBuffer(content);
        const text = isWritten ? content : JSON.stringify(content, null, 2);
        await writeFile(join(folder, path), text);
      }
    },
    async run(args, env = {}, { stdin, terminal = false, answers } = {}) {
      let stdout = "";
      let stderr = "";
      let asked = "";
      const [input, output] = [new PassThrough(), new PassThrough()];
      output.on("data", (chunk) => {
        asked += chunk;
        // Who types before being asked is not heard.
        if (answers !== undefined) setImmediate(() => input.write(answers));
      });
      const code = await runCli(args, {
        env: { PLUGBOARD_HOME: join(root, "home"), ...env },
        cwd: folder,
        stdout: { write: (text) => (stdout += text) },
        stderr: { write: (text) => (stderr += text), isTTY: terminal },
        interactive: answers !== undefined,
        terminal: { input, output },
        ...(stdin !== undefined && { readStdin: async () => stdin }),
      });
      return { code, stdout, stderr, asked, json: () => JSON.parse(stdout) };
    },
  };
}

/** A valid plugin.json of `acme/lamp`, changed as given. */
export function manifestWith(changes: object = {}): object {
  return {
    id: "acme/lamp",
    version: "1.0.0",
    displayName: "Lamp",
    description: "Switches lamps.",
    license: "MIT",
    engines: { plugboard: "^1.0.0" },
    main: "dist/plugin.js",
    permissions: {
      network: [{ hosts: ["api.example.com"], methods: ["GET"], reason: "Reach the lamps" }],
    },
    ...changes,
  };
}

/** An index.ts whose one action, `blink`, answers `{ said: <expression> }`. */
export function pluginSaying(expression: string, imports = ""): string {
  return `
import { action, definePlugin, Type } from "@plugboard/plugin-sdk";
${imports}
const blink = action({
  title: "Blink",
  input: Type.Object({ times: Type.Optional(Type.Integer()) }),
  output: Type.Object({ said: Type.Unknown() }),
  async run() {
    return { said: ${expression} };
  },
});
export default definePlugin({ actions: { blink } });
`;
}
