import type { CliHost } from "./host.ts";

/** Variables whose very value is a secret. */
const secretVariables = [
  "PLUGBOARD_ACCOUNT_TOKEN",
  "PLUGBOARD_API_KEY",
  "PLUGBOARD_DEV_CREDENTIAL",
  "PLUGBOARD_KEY_PASSPHRASE",
  "PLUGBOARD_NEW_KEY_PASSPHRASE",
  "PLUGBOARD_SIGNING_KEY",
  "PLUGBOARD_PUBLISHER_KEY",
] as const;

/** Tokens and API keys of ours, whoever gave them to whom. */
const ownTokens = /\bpb[a-z]_[\w-]{16,}/g;

/** What is shorter is a word that may well stand in any text. */
const shortest = 6;
const known = new WeakMap<CliHost, Set<string>>();

/**
 * The same host, whose outputs leave out every secret that it has been told of: also where a registry repeats one in
 * what it refuses, or a file's name has it in it.
 */
export function guardOutputs(host: CliHost): CliHost {
  const secrets = new Set<string>();
  const guarded: CliHost = {
    ...host,
    stdout: { write: (text) => host.stdout.write(without(secrets, text)) },
    stderr: { write: (text) => host.stderr.write(without(secrets, text)), isTTY: host.stderr.isTTY === true },
  };
  known.set(guarded, secrets);
  for (const name of secretVariables) keepSecret(guarded, host.env[name]);
  return guarded;
}

/** Tells of a secret that no output of this host may have in it. @returns the same */
export function keepSecret<Text extends string | undefined>(host: CliHost, secret: Text): Text {
  if (secret !== undefined && secret.length >= shortest) known.get(host)?.add(secret);
  return secret;
}

/** For what goes to the terminal by another way than the host's outputs. */
export function withoutSecrets(host: CliHost, text: string): string {
  return without(known.get(host) ?? new Set(), text);
}

/** As it is, and as it stands within JSON. */
function without(secrets: Set<string>, text: string): string {
  let shown = text.replace(ownTokens, "[secret]");
  for (const secret of secrets) {
    shown = shown.replaceAll(secret, "[secret]").replaceAll(JSON.stringify(secret).slice(1, -1), "[secret]");
  }
  return shown;
}

/**
 * What commander says of a wrong command line, without the values in it: a secret that was put there by mistake should
 * not get into a log as well.
 */
export function withoutValues(message: string): string {
  return message.replace(/( but got \d+): .*/s, "$1.").replace(/(unknown option '--[^=']+)=.*'/s, "$1'");
}
