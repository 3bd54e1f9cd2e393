import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import { CliFailure } from "../../failure.ts";
import type { CliHost } from "../../host.ts";
import { changeProfile, readKeyFile, readProfile, readSecretFile } from "../../keys/index.ts";
import { checkPublisher } from "../../names.ts";
import { reportOf } from "../../report.ts";

export function addKeysImportCommand(keys: Command, host: CliHost): void {
  const importing = keys
    .command("import")
    .description("keep a key that was exported elsewhere, or a private JWK, in the profile")
    .argument("<file>", "what keys export wrote, or a JWK; - reads standard input")
    .option("--publisher <publisher>", "whose it is, for a bare JWK")
    .action(async (file: string, options: { publisher?: string }, command: Command) => {
      const report = reportOf(host, command);
      const wanted = options.publisher === undefined ? undefined : checkPublisher(options.publisher);
      const key = await readKeyFile(host, await readSecretFile(host, file), wanted);
      const { kid } = key;
      const publisher = checkPublisher(key.publisher);
      if (wanted !== undefined && wanted !== publisher)
        throw new CliFailure("key-malformed", `This is a key of ${publisher}, not of ${wanted}.`);
      if ((await readProfile(host.env)).keys.some((known) => known.kid === kid))
        throw new CliFailure("key-exists", `The key ${kid} is in the profile already.`);
      await changeProfile(host.env, (profile) => profile.keys.push(key));
      report.done(
        { publisher, kid, publicJwk: key.publicJwk, locked: true },
        `The key ${kid} signs for ${publisher} from now on. Remove the file that it came from, or keep it in a safe place.`,
      );
    });
  addExamples(
    importing,
    ["plugboard keys import acme.key.json", "A backup is put back; its passphrase is asked for."],
    ["plugboard keys import - --publisher acme < key.jwk", "A key that was made elsewhere."],
  );
}
