import { readFileSync } from "node:fs";
import { askSecret } from "../ask.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { keepSecret } from "../secrets.ts";

/** As NIST SP 800-63B has it for what people choose. */
const shortestPassphrase = 8;

/** A file descriptor is read once; several keys may need what it gave. */
const readFromDescriptor = new WeakMap<CliHost, string>();

/** The passphrase that opens keys, where none has to be asked for: PLUGBOARD_KEY_PASSPHRASE, or from a file descriptor. */
export function givenPassphrase(host: CliHost): string | undefined {
  const { PLUGBOARD_KEY_PASSPHRASE: value, PLUGBOARD_KEY_PASSPHRASE_FD: descriptor } = host.env;
  if (value) return value;
  if (!descriptor) return undefined;
  const known = readFromDescriptor.get(host) ?? keepSecret(host, readDescriptor(descriptor));
  readFromDescriptor.set(host, known);
  return known;
}

/**
 * A passphrase to lock a key with: PLUGBOARD_NEW_KEY_PASSPHRASE where one is replaced, else the one that opens keys,
 * else asked for twice.
 *
 * @throws {CliFailure} when there is none and nobody to ask, it is too short, or the two differ
 */
export async function newPassphrase(host: CliHost, o: { replaces?: boolean } = {}): Promise<string> {
  const given = o.replaces ? host.env.PLUGBOARD_NEW_KEY_PASSPHRASE : givenPassphrase(host);
  return keepSecret(host, requireLong(given ?? (await askTwice(host, o.replaces === true))));
}

async function askTwice(host: CliHost, replaces: boolean): Promise<string> {
  if (!host.interactive) {
    const variable = replaces ? "PLUGBOARD_NEW_KEY_PASSPHRASE" : "PLUGBOARD_KEY_PASSPHRASE";
    throw new CliFailure(
      "passphrase-missing",
      `A key is locked with a passphrase. Set ${variable}, or run the command at a terminal.`,
    );
  }
  const first = await askSecret(host, "A passphrase to lock the key with");
  if (first !== (await askSecret(host, "The same again")))
    throw new CliFailure("passphrase-mismatch", "The two passphrases differ; nothing was changed.");
  return first;
}

function requireLong(passphrase: string): string {
  if ([...passphrase].length >= shortestPassphrase) return passphrase;
  throw new CliFailure(
    "passphrase-short",
    `The passphrase is too short; expected ${shortestPassphrase} characters or more.`,
  );
}

function readDescriptor(descriptor: string): string {
  try {
    // A line, as `echo` and password managers end it.
    const text = readFileSync(Number(descriptor), "utf8").replace(/\r?\n$/, "");
    if (/^\d+$/.test(descriptor) && text !== "") return text;
  } catch {
    // Told below.
  }
  throw new CliFailure(
    "passphrase-missing",
    `PLUGBOARD_KEY_PASSPHRASE_FD is "${descriptor}", from which no passphrase can be read; expected the number of an open file descriptor, such as 3 with 3< <(pass show plugboard).`,
  );
}
