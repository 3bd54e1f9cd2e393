import { writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { openProfile, unlock } from "../keys/index.ts";
import { reportOf } from "../report.ts";

export function addKeysShowCommand(keys: Command, host: CliHost): void {
  keys
    .command("show")
    .description("show the public part of a key")
    .argument("<key>", "a publisher (its newest key) or a key id")
    .option(
      "--secret-file <path>",
      "also write the private key there (mode 0600), for PLUGBOARD_SIGNING_KEY in CI",
    )
    .action(async (name: string, options: { secretFile?: string }, command: Command) => {
      const report = reportOf(host, command);
      const { data } = await openProfile(host.env);
      const key = data.keys.findLast(({ publisher, kid }) => publisher === name || kid === name);
      if (!key)
        throw new CliFailure(
          "key-missing",
          `There is no key "${name}". See "plugboard keys list" for those there are.`,
        );
      if (options.secretFile !== undefined) {
        const path = resolve(host.cwd, options.secretFile);
        await writeSecret(path, JSON.stringify(await unlock(host, key)));
        report.note(`Wrote the private key to ${path}. Hand it to your CI's secret store, and remove it.`);
      }
      const { publisher, kid, publicJwk, createdAt } = key;
      report.done(
        { publisher, kid, publicJwk, createdAt, locked: key.privateKey.sealed },
        `${publisher}  ${kid}\n${JSON.stringify(publicJwk)}`,
      );
    });
}

async function writeSecret(path: string, secret: string): Promise<void> {
  try {
    await writeFile(path, `${secret}\n`, { mode: 0o600, flag: "wx" });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliFailure(
      "secret-file",
      `The private key was not written: ${reason}. Name a file that does not exist yet.`,
    );
  }
}
