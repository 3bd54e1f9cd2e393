import { text } from "node:stream/consumers";
import { runCli } from "./run.ts";

// `plugboard search | head`: whoever reads no more wants no more, and that is no failure.
for (const stream of [process.stdout, process.stderr])
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit();
  });

// Set here, not by process.exit(), so that what was written to a pipe gets out.
process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stdin.isTTY && process.stderr.isTTY && !process.env.CI,
  ...(!process.stdin.isTTY && { readStdin: () => text(process.stdin) }),
});
