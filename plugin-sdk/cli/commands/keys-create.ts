import type { Command } from "commander";
import { askSecret } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { openProfile, profilePath, sealPrivateKey } from "../keys/index.ts";
import { checkPublisher } from "../names.ts";
import { reportOf } from "../report.ts";

export function addKeysCreateCommand(keys: Command, host: CliHost): void {
  keys
    .command("create")
    .description("make an Ed25519 key for a publisher, and keep it in the profile")
    .argument("<publisher>", "the publisher's name, as plugin ids start with it")
    .option("--another", "make one although there is one; what is signed from then on is signed with it")
    .action(async (name: string, options: { another?: boolean }, command: Command) => {
      const report = reportOf(host, command);
      const publisher = checkPublisher(name);
      const profile = await openProfile(host.env);
      const existing = profile.data.keys.findLast((key) => key.publisher === publisher);
      // Registries refuse what a key signs that they were not told of.
      if (existing && !options.another)
        throw new CliFailure(
          "key-exists",
          `There is a key for ${publisher} already: ${existing.kid}. Sign and publish with that one, or add --another to sign with a new one, which your registry has to be told of: "plugboard keys add ${publisher}".`,
        );
      const { generateSigningKey } = await import("../../trust/index.ts"); // Slow to load, so only where it is needed.
      const passphrase = await newPassphrase(host);
      const { privateJwk, publicJwk, kid } = await generateSigningKey();
      const privateKey = passphrase
        ? await sealPrivateKey(privateJwk, kid, passphrase)
        : ({ sealed: false, jwk: privateJwk } as const);
      if (!passphrase)
        report.note(
          "warning: the key is kept without a passphrase; set PLUGBOARD_KEY_PASSPHRASE to lock it.",
        );

      const createdAt = new Date().toISOString();
      await profile.update(({ keys: known }) =>
        known.push({ publisher, kid, publicJwk, createdAt, privateKey }),
      );
      const path = profilePath(host.env);
      report.done(
        { publisher, kid, publicJwk, locked: privateKey.sealed, profile: path },
        `Made key ${kid} for ${publisher}, kept in ${path}.\nBack this file up: whoever has the key publishes as ${publisher}, and nobody can without.`,
      );
    });
}

/** From PLUGBOARD_KEY_PASSPHRASE, else asked for twice; an empty one leaves the key unlocked. */
async function newPassphrase(host: CliHost): Promise<string> {
  const fromEnv = host.env.PLUGBOARD_KEY_PASSPHRASE;
  if (fromEnv) return fromEnv;
  if (!host.interactive) return "";
  const first = await askSecret("A passphrase to lock the key with (empty: none)");
  if (first && first !== (await askSecret("The same again")))
    throw new CliFailure("passphrase-mismatch", "The two passphrases differ; no key was made.");
  return first;
}
