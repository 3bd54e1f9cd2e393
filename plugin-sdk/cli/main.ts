import { runCli } from "./run.ts";

// Set here, not by process.exit(), so that what was written to a pipe gets out.
process.exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  stdout: process.stdout,
  stderr: process.stderr,
  interactive: process.stdin.isTTY && process.stdout.isTTY && !process.env.CI,
});
