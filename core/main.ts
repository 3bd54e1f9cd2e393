/** The one file that reads the environment, listens and exits. */
import { giveBackMemory, outliveRejections } from "@plugboard/service-kit/engine";
import { EnvironmentError } from "@plugboard/service-kit/environment";
import { readConfig } from "./config.ts";
import { type Core, createCore } from "./create-core.ts";

let core: Core | undefined;

try {
  core = await createCore(readConfig(process.env));
  outliveRejections(core.logger);
  const { address, adminKey } = await core.start();
  giveBackMemory();
  if (adminKey.created)
    process.stdout.write(`admin key (shown once, kept in ${adminKey.file}): ${adminKey.created}\n`);
  else if (adminKey.file) process.stdout.write(`admin key: in ${adminKey.file}\n`);
  process.stdout.write(`plugboard is ready at ${address}\n`);
} catch (error) {
  await core?.stop().catch(() => {});
  // What an operator can mend is one line; anything else is a defect and shows where it comes from.
  const known = error instanceof EnvironmentError || (error instanceof Error && "code" in error);
  process.stderr.write(
    `plugboard cannot start: ${error instanceof Error ? (known ? error.message : error.stack) : error}\n`,
  );
  process.exit(1);
}

let stopping = false;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, async () => {
    // A second signal means now.
    if (stopping) process.exit(1);
    stopping = true;
    await core.stop();
    process.exit(0);
  });
}
