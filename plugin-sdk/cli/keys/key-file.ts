import { thumbprint } from "../../trust/index.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { keepSecret } from "../secrets.ts";
import { checkPrivateJwk, parsePrivateJwk } from "./parse-jwk.ts";
import { newPassphrase } from "./passphrase.ts";
import type { ProfileKey } from "./profile.ts";
import { type SealedPrivateKey, sealPrivateKey } from "./stored-private-key.ts";
import { openSealed } from "./unlock.ts";

/** What `keys export` writes, as JSON: a key of a profile, locked. */
interface KeyFile {
  format: typeof keyFileFormat;
  publisher: string;
  kid: string;
  createdAt: string;
  privateKey: SealedPrivateKey;
}

const keyFileFormat = "plugboard-key-file/1";

export function toKeyFile(key: ProfileKey & { privateKey: SealedPrivateKey }): string {
  const { publisher, kid, createdAt, privateKey } = key;
  const file: KeyFile = { format: keyFileFormat, publisher, kid, createdAt, privateKey };
  return JSON.stringify(file, null, 2);
}

/**
 * Reads a key that `keys export` wrote, or a private JWK, and sees whether it is what it says: the passphrase opens it,
 * and the private half belongs to the public one. It stays locked with its passphrase; a bare JWK is locked with a new one.
 *
 * @param publisher whose it is to be, for a bare JWK
 * @throws {CliFailure} when it is no key, or no passphrase opens it
 */
export async function readKeyFile(
  host: CliHost,
  text: string,
  publisher: string | undefined,
): Promise<ProfileKey> {
  const file = parse(text);
  if (file) return readLocked(host, file);
  const key = await parsePrivateJwk(text.trim());
  if (!key) throw malformed();
  keepSecret(host, key.privateJwk.d);
  if (publisher === undefined)
    throw new CliFailure(
      "publisher-missing",
      "A bare private key does not say whose it is. Add --publisher <publisher>.",
    );
  const { privateJwk, publicJwk, kid } = key;
  const privateKey = await sealPrivateKey(privateJwk, kid, await newPassphrase(host));
  return { publisher, kid, publicJwk, createdAt: new Date().toISOString(), privateKey };
}

async function readLocked(host: CliHost, file: KeyFile): Promise<ProfileKey> {
  const { publisher, kid, createdAt, privateKey } = file;
  const jwk = await openSealed(host, { privateKey, kid, title: `the key for ${publisher}` });
  const { publicJwk } = await checkPrivateJwk(jwk).catch(() => {
    throw malformed();
  });
  if ((await thumbprint(publicJwk)) !== kid) throw malformed();
  return { publisher, kid, publicJwk, createdAt, privateKey };
}

function parse(text: string): KeyFile | undefined {
  let file: Partial<KeyFile>;
  try {
    file = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (file?.format !== keyFileFormat) return undefined;
  const { publisher, kid, createdAt, privateKey } = file;
  if ([publisher, kid, createdAt].every((value) => typeof value === "string") && privateKey?.sealed === true)
    return file as KeyFile;
  throw malformed();
}

function malformed(): CliFailure {
  return new CliFailure(
    "key-malformed",
    'This is no key; expected what "plugboard keys export" writes, or a private Ed25519 JWK.',
  );
}
