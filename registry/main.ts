/** The registry in a process of its own, or a command of whoever runs it: the one file that reads the environment and exits. */
import { giveBackMemory, outliveRejections } from "@plugboard/service-kit/engine";
import { EnvironmentError } from "@plugboard/service-kit/environment";
import { readConfig } from "./config.ts";
import { runOperator } from "./operator/index.ts";
import { type RunningRegistry, runApart } from "./run-apart.ts";

const [, , ...args] = process.argv;
if (args.length > 0) {
  process.exit(
    await runOperator(args, {
      env: process.env,
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
    }),
  );
}

let registry: RunningRegistry;

try {
  registry = await runApart(readConfig(process.env));
  outliveRejections(registry.logger);
  giveBackMemory();
} catch (error) {
  // What an operator can mend is one line; anything else is a defect and shows where it comes from.
  const known = error instanceof EnvironmentError || (error instanceof Error && "code" in error);
  const why = error instanceof Error ? (known ? error.message : error.stack) : error;
  process.stderr.write(`plugboard registry cannot start: ${why}\n`);
  process.exit(1);
}

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    // A second signal means now.
    if (stopping) process.exit(1);
    stopping = true;
    await registry.stop();
    process.exit(0);
  });
}

if (registry.tokenFile) process.stdout.write(`host token: in ${registry.tokenFile}\n`);
if (registry.operatorTokenFile) process.stdout.write(`operator token: in ${registry.operatorTokenFile}\n`);
process.stdout.write(`plugboard registry is ready at ${registry.address}\n`);
