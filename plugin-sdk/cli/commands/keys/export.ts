import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import {
  findKey,
  newPassphrase,
  sealPrivateKey,
  toKeyFile,
  unlock,
  writeSecretFile,
} from "../../keys/index.ts";
import { reportOf } from "../../report.ts";

export function addKeysExportCommand(keys: Command, host: CliHost): void {
  const exporting = keys
    .command("export")
    .description("write a key into a new file that only you may read: a backup, or a secret for CI")
    .argument("<key>", "a publisher (its newest key) or a key id")
    .argument("<file>", "a file that does not exist yet")
    .option("--plain", "without a passphrase, as PLUGBOARD_SIGNING_KEY takes it")
    .action(async (name: string, file: string, options: { plain?: boolean }, command: Command) => {
      const report = reportOf(host, command);
      const key = await findKey(host, name);
      const { publisher, kid } = key;
      const text = options.plain
        ? JSON.stringify(await unlock(host, key))
        : toKeyFile({
            ...key,
            privateKey: key.privateKey.sealed
              ? key.privateKey
              : await sealPrivateKey(key.privateKey.jwk, kid, await newPassphrase(host)),
          });
      const path = await writeSecretFile(host, file, `${text}\n`);
      if (options.plain)
        report.warn(
          `the private key is in ${path} without a passphrase. Hand it to your CI's secret store, and remove it.`,
        );
      report.done(
        { publisher, kid, file: path, locked: !options.plain },
        `Wrote the key ${kid} of ${publisher} to ${path}${options.plain ? "" : ', locked with its passphrase. "plugboard keys import" reads it'}.`,
      );
    });
  addExamples(
    exporting,
    ["plugboard keys export acme acme.key.json", "A backup, which takes the passphrase to be of use."],
    [
      "plugboard keys export acme acme.secret --plain",
      "For the secret store of a CI, as PLUGBOARD_SIGNING_KEY. Remove the file afterwards.",
    ],
  );
}
