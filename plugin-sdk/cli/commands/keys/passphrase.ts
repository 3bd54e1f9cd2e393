import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { findKey, newPassphrase, openSealed, replaceStored, sealPrivateKey } from "../../keys/index.ts";
import { reportOf } from "../../report.ts";

export function addKeysPassphraseCommand(keys: Command, host: CliHost): void {
  const passphrase = keys
    .command("passphrase")
    .description(
      "lock a key with another passphrase, or with a first one; PLUGBOARD_NEW_KEY_PASSPHRASE says it in scripts",
    )
    .argument("<key>", "a publisher (its newest key) or a key id")
    .action(async (name: string, _options: object, command: Command) => {
      const report = reportOf(host, command);
      const { publisher, kid, privateKey } = await findKey(host, name);
      const jwk = privateKey.sealed
        ? await openSealed(host, { privateKey, kid, title: `the key for ${publisher}, as it is now` })
        : privateKey.jwk;
      const sealed = await sealPrivateKey(jwk, kid, await newPassphrase(host, { replaces: true }));
      await replaceStored(host, kid, sealed);
      report.done({ publisher, kid, locked: true }, `The key ${kid} of ${publisher} is locked anew.`);
    });
  addExamples(passphrase, [
    "plugboard keys passphrase acme",
    "Asks for the passphrase that there is, then for the new one.",
  ]);
}
