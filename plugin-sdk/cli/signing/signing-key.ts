import type { JWK } from "jose";
import { thumbprint } from "../../trust/index.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { openProfile, unlock } from "../keys/index.ts";

/** A publisher's key, ready to sign with. */
export interface SigningKey {
  privateJwk: JWK;
  publicJwk: JWK;
  kid: string;
}

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
): Promise<SigningKey> {
  const isWanted = (kid: string) => among === undefined || among.includes(kid);
  const fromEnv = host.env.PLUGBOARD_SIGNING_KEY || host.env.PLUGBOARD_PUBLISHER_KEY;
  const given = fromEnv ? await parseKey(fromEnv) : undefined;
  if (given && isWanted(given.kid)) return given;
  const profile = await openProfile(host.env);
  const keys = profile.data.keys.filter((candidate) => candidate.publisher === publisher);
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

/** The environment's key: a private Ed25519 JWK, as JSON or as base64 of that. Never repeated in a message. */
async function parseKey(text: string): Promise<SigningKey> {
  const json = text.trimStart().startsWith("{") ? text : Buffer.from(text, "base64").toString("utf8");
  let jwk: JWK;
  try {
    jwk = JSON.parse(json);
  } catch {
    jwk = {} as JWK;
  }
  if (jwk.kty !== "OKP" || jwk.crv !== "Ed25519" || !jwk.x || !jwk.d)
    throw new CliFailure(
      "key-malformed",
      'PLUGBOARD_SIGNING_KEY is not a private Ed25519 key: expected the JWK that "plugboard keys show <publisher> --secret-file <path>" writes, as JSON or base64 of it.',
    );
  const publicJwk = { kty: jwk.kty, crv: jwk.crv, x: jwk.x };
  return { privateJwk: { ...publicJwk, d: jwk.d }, publicJwk, kid: await thumbprint(publicJwk) };
}
