import type { JWK } from "jose";
import { askSecret, askYes } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { createReport } from "../report.ts";
import { keepSecret } from "../secrets.ts";
import { givenPassphrase, newPassphrase } from "./passphrase.ts";
import { changeProfile, type ProfileKey } from "./profile.ts";
import {
  openPrivateKey,
  type SealedPrivateKey,
  type StoredPrivateKey,
  sealPrivateKey,
} from "./stored-private-key.ts";

/** What was opened once is not asked for again while the command runs. */
const opened = new WeakMap<CliHost, Map<string, Promise<JWK>>>();

/**
 * The private key of a profile's entry, with the passphrase from PLUGBOARD_KEY_PASSPHRASE, a file descriptor, or asked
 * for. One that an earlier Plugboard kept without a passphrase is locked, if whoever sits there wants it.
 *
 * @throws {CliFailure} when no passphrase opens it
 */
export function unlock(host: CliHost, key: ProfileKey): Promise<JWK> {
  const ofHost = opened.get(host) ?? new Map<string, Promise<JWK>>();
  opened.set(host, ofHost);
  const jwk = ofHost.get(key.kid) ?? unlockAnew(host, key);
  ofHost.set(key.kid, jwk);
  return jwk;
}

async function unlockAnew(host: CliHost, key: ProfileKey): Promise<JWK> {
  const { privateKey, kid, publisher } = key;
  if (privateKey.sealed) return openSealed(host, { privateKey, kid, title: `the key for ${publisher}` });
  keepSecret(host, privateKey.jwk.d);
  if (!privateKey.byChoice) await offerToLock(host, { publisher, kid, jwk: privateKey.jwk });
  return privateKey.jwk;
}

/** @throws {CliFailure} when no passphrase opens it */
export async function openSealed(
  host: CliHost,
  { privateKey, kid, title }: { privateKey: SealedPrivateKey; kid: string; title: string },
): Promise<JWK> {
  const given = givenPassphrase(host);
  if (given === undefined && !host.interactive)
    throw new CliFailure(
      "passphrase-missing",
      `The key ${kid} is locked with a passphrase. Set PLUGBOARD_KEY_PASSPHRASE, or run the command at a terminal.`,
    );
  const passphrase = given ?? keepSecret(host, await askSecret(host, `Passphrase of ${title}`));
  const jwk = await openPrivateKey(privateKey, kid, passphrase);
  keepSecret(host, jwk.d);
  return jwk;
}

async function offerToLock(host: CliHost, key: { publisher: string; kid: string; jwk: JWK }): Promise<void> {
  const { publisher, kid, jwk } = key;
  if (!host.interactive) {
    createReport(host, false).warn(
      `the key for ${publisher} is kept without a passphrase; "plugboard keys passphrase ${kid}" locks it.`,
    );
    return;
  }
  const wanted = await askYes(
    host,
    `The key for ${publisher} is kept without a passphrase. Lock it with one now?`,
  );
  await replaceStored(
    host,
    kid,
    wanted
      ? await sealPrivateKey(jwk, kid, await newPassphrase(host))
      : { sealed: false, jwk, byChoice: true },
  );
}

/** Keeps a private key in another form than before. */
export async function replaceStored(host: CliHost, kid: string, privateKey: StoredPrivateKey): Promise<void> {
  await changeProfile(host.env, ({ keys }) => {
    for (const key of keys) if (key.kid === kid) key.privateKey = privateKey;
  });
}
