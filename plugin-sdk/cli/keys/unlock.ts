import type { JWK } from "jose";
import { askSecret } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import type { ProfileKey } from "./profile.ts";
import { openPrivateKey } from "./stored-private-key.ts";

/** The private key of a profile's entry, with the passphrase from PLUGBOARD_KEY_PASSPHRASE or asked for. */
export async function unlock(host: CliHost, key: ProfileKey): Promise<JWK> {
  if (!key.privateKey.sealed) return key.privateKey.jwk;
  const passphrase = host.env.PLUGBOARD_KEY_PASSPHRASE;
  if (passphrase) return openPrivateKey(key.privateKey, key.kid, passphrase);
  if (!host.interactive)
    throw new CliFailure(
      "passphrase-missing",
      `The key ${key.kid} is locked with a passphrase. Set PLUGBOARD_KEY_PASSPHRASE, or run the command at a terminal.`,
    );
  return openPrivateKey(
    key.privateKey,
    key.kid,
    await askSecret(`Passphrase of the key for ${key.publisher}`),
  );
}
