import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { type PrivateKey, parsePrivateJwk, readProfile, unlock } from "../keys/index.ts";
import { keepSecret } from "../secrets.ts";

/**
 * The key that signs for a publisher: PLUGBOARD_SIGNING_KEY (in CI), else the newest one of the profile.
 *
 * @param among ids of keys, of which it has to be one
 * @throws {CliFailure} when there is none, or it is locked and no passphrase opens it
 */
export async function findSigningKey(
  host: CliHost,
  publisher: string,
  among?: string[],
): Promise<PrivateKey> {
  const isWanted = (kid: string) => among === undefined || among.includes(kid);
  const fromEnv = host.env.PLUGBOARD_SIGNING_KEY || host.env.PLUGBOARD_PUBLISHER_KEY;
  const given = fromEnv ? await parseKey(host, fromEnv) : undefined;
  if (given && isWanted(given.kid)) return given;
  const profile = await readProfile(host.env);
  const keys = profile.keys.filter((candidate) => candidate.publisher === publisher);
  const key = given ? undefined : keys.findLast(({ kid }) => isWanted(kid));
  if (!key && (given || keys.length > 0))
    throw new CliFailure(
      "key-unknown",
      `None of your keys for "${publisher}" is one that the registry takes its signatures by: ${among?.join(", ")}.`,
    );
  if (!key)
    throw new CliFailure(
      "key-missing",
      `There is no key for the publisher "${publisher}". Make one with "plugboard keys create ${publisher}", or set PLUGBOARD_SIGNING_KEY.`,
    );
  return { privateJwk: await unlock(host, key), publicJwk: key.publicJwk, kid: key.kid };
}

/** The environment's key. Never repeated in a message. */
async function parseKey(host: CliHost, text: string): Promise<PrivateKey> {
  const key = await parsePrivateJwk(text);
  if (!key)
    throw new CliFailure(
      "key-malformed",
      'PLUGBOARD_SIGNING_KEY is not a private Ed25519 key: expected the JWK that "plugboard keys export <publisher> <file> --plain" writes, as JSON or base64 of it.',
    );
  keepSecret(host, key.privateJwk.d);
  return key;
}
