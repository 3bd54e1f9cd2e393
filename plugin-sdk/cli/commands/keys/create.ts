import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import { CliFailure } from "../../failure.ts";
import type { CliHost } from "../../host.ts";
import {
  changeProfile,
  newPassphrase,
  profilePath,
  readProfile,
  type StoredPrivateKey,
  sealPrivateKey,
} from "../../keys/index.ts";
import { checkPublisher } from "../../names.ts";
import { reportOf } from "../../report.ts";

interface Options {
  another?: boolean;
  passphrase: boolean;
}

export function addKeysCreateCommand(keys: Command, host: CliHost): void {
  const create = keys
    .command("create")
    .description("make an Ed25519 key for a publisher, and keep it in the profile, locked with a passphrase")
    .argument("<publisher>", "the publisher's name, as plugin ids start with it")
    .option("--another", "make one although there is one; what is signed from then on is signed with it")
    .option("--no-passphrase", "keep it unlocked: whoever can read the profile can publish")
    .action(async (name: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const publisher = checkPublisher(name);
      const { keys: known } = await readProfile(host.env);
      const existing = known.findLast((key) => key.publisher === publisher);
      // Registries refuse what a key signs that they were not told of.
      if (existing && !options.another)
        throw new CliFailure(
          "key-exists",
          `There is a key for ${publisher} already: ${existing.kid}. Sign and publish with that one, or add --another to sign with a new one, which your registry has to be told of: "plugboard keys add ${publisher}".`,
        );
      const passphrase = options.passphrase ? await newPassphrase(host) : undefined;
      const { generateSigningKey } = await import("../../../trust/index.ts"); // Slow to load, so only where it is needed.
      const { privateJwk, publicJwk, kid } = await generateSigningKey();
      const privateKey: StoredPrivateKey =
        passphrase === undefined
          ? { sealed: false, jwk: privateJwk, byChoice: true }
          : await sealPrivateKey(privateJwk, kid, passphrase);
      const createdAt = new Date().toISOString();
      await changeProfile(host.env, (profile) =>
        profile.keys.push({ publisher, kid, publicJwk, createdAt, privateKey }),
      );
      if (!privateKey.sealed)
        report.warn(
          `the key is kept without a passphrase; "plugboard keys passphrase ${publisher}" locks it.`,
        );
      const path = profilePath(host.env);
      report.done(
        { publisher, kid, publicJwk, locked: privateKey.sealed, profile: path },
        `Made key ${kid} for ${publisher}, kept in ${path}.\nBack it up with "plugboard keys export ${publisher} <file>": whoever has the key publishes as ${publisher}, and nobody can without.`,
      );
    });
  addExamples(
    create,
    ["plugboard keys create acme", "A key for the publisher acme; the passphrase is asked for."],
    [
      "PLUGBOARD_KEY_PASSPHRASE_FD=3 plugboard keys create acme 3< <(pass show plugboard)",
      "With a passphrase of a password manager.",
    ],
  );
}
