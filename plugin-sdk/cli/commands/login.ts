import type { Command } from "commander";
import { askSecret, askText } from "../ask.ts";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { findHostUrl, openHostWith } from "../host-api/index.ts";
import { profilePath, readSecretFromStdin } from "../keys/index.ts";
import { keepLogin } from "../logins.ts";
import { withRegistry } from "../options.ts";
import { findRegistryUrl, openRegistryWith } from "../registry/index.ts";
import { reportOf } from "../report.ts";
import { keepSecret } from "../secrets.ts";

interface Options {
  registry?: string;
  host?: string;
  create?: string;
  withToken?: boolean;
}

export function addLoginCommand(program: Command, host: CliHost): void {
  const login = withRegistry(program.command("login"))
    .description("keep a token of an account at a registry, or an API key of a host, in the profile")
    .option("--create <display name>", "make an account, and keep its first token")
    .option("--with-token", "read the token, or the API key, from standard input")
    .option("--host <url>", "keep a tenant's API key for this Plugboard host instead")
    .action(async (options: Options, command: Command) => {
      const report = reportOf(host, command);
      const kept = options.host === undefined ? await atRegistry(host, options) : await atHost(host, options);
      report.done(
        kept.result,
        `${kept.prose}\nIt is kept in ${profilePath(host.env)}, which only you may read.`,
      );
    });
  addExamples(
    login,
    ["plugboard login --create 'Ada at Acme'", "Makes an account at the registry; there is no password."],
    ["plugboard login --with-token < token", "Uses a token that there is, of a file or a secret store."],
    [
      "plugboard login --host https://plugboard.example --with-token < api-key",
      "Keeps a tenant's API key, for install, upgrade and uninstall.",
    ],
  );
}

async function atRegistry(host: CliHost, options: Options) {
  const url = await findRegistryUrl(host, options.registry);
  const displayName = await findDisplayName(host, options);
  if (displayName !== undefined) return createAccount(host, url, displayName);
  const secret = await readToken(host, options, "A token of your account (pba_…)");
  // Before it is kept, so that a token of something else, or one that ended, is not.
  const account = await (await openRegistryWith(host, url, secret)).getAccount();
  await keepLogin(host, { kind: "account", url, secret });
  return {
    result: { registry: url, account },
    prose: `You are ${account.displayName} (${account.id}) at ${url}.`,
  };
}

async function createAccount(host: CliHost, url: string, displayName: string) {
  const registry = await openRegistryWith(host, url, undefined);
  const { account, token, secret } = await registry.createAccount(displayName);
  await keepLogin(host, { kind: "account", url, secret: keepSecret(host, secret), tokenId: token.id });
  return {
    result: { registry: url, account, scopes: token.scopes, expiresAt: token.expiresAt },
    prose: `Made the account ${account.displayName} (${account.id}) at ${url}. Its token is all there is: there is no password, so make another with "plugboard tokens create" before ${token.expiresAt.slice(0, 10)}.`,
  };
}

async function atHost(host: CliHost, options: Options) {
  const url = await findHostUrl(host, options.host);
  if (options.create !== undefined)
    throw new CliFailure("usage", "--create makes an account at a registry, not at a host.");
  const secret = await readToken(host, options, "An API key of your tenant (pbk_…)");
  const installs = await (await openHostWith(host, url, secret)).listInstalls();
  await keepLogin(host, { kind: "api-key", url, secret });
  return {
    result: { host: url, installs: installs.length },
    prose: `The API key is good at ${url}: the tenant has ${installs.length} installs.`,
  };
}

async function findDisplayName(host: CliHost, options: Options): Promise<string | undefined> {
  if (options.create !== undefined || options.withToken || !host.interactive) return options.create;
  const name = await askText(
    host,
    "Make an account under which name? (empty: use a token that you have)",
    () => undefined,
  );
  return name || undefined;
}

async function readToken(host: CliHost, options: Options, question: string): Promise<string> {
  if (options.withToken) return keepSecret(host, await readSecretFromStdin(host));
  if (host.interactive) return keepSecret(host, (await askSecret(host, question)).trim());
  throw new CliFailure(
    "token-missing",
    "There is nobody to ask for a token. Pipe it in with --with-token, or make an account with --create <display name>.",
  );
}
