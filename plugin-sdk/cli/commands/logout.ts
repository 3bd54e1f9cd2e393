import type { Command } from "commander";
import { askYes } from "../ask.ts";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { findHostUrl } from "../host-api/index.ts";
import { dropLogin, findLogin } from "../logins.ts";
import { withRegistry } from "../options.ts";
import { findRegistryUrl, openRegistryWith } from "../registry/index.ts";
import { reportOf } from "../report.ts";

interface Options {
  registry?: string;
  host?: string;
  revoke?: boolean;
  yes?: boolean;
}

export function addLogoutCommand(program: Command, host: CliHost): void {
  const logout = withRegistry(program.command("logout"))
    .description("take the token of a registry, or the API key of a host, out of the profile")
    .option("--host <url>", "the API key of this Plugboard host")
    .option("--revoke", "also end the token at the registry; whoever has another copy cannot use it either")
    .option("--yes", "do not ask")
    .action(async (options: Options, command: Command) => {
      const report = reportOf(host, command);
      const kind = options.host === undefined ? "account" : "api-key";
      const url =
        kind === "account"
          ? await findRegistryUrl(host, options.registry)
          : await findHostUrl(host, options.host);
      const login = await findLogin(host, { kind, url });
      if (!login) throw new CliFailure("not-signed-in", `Nothing is kept for ${url}.`);
      if (options.revoke) {
        if (login.tokenId === undefined)
          throw new CliFailure(
            "token-unknown",
            `The token's id is not known here. See "plugboard tokens list", and end it with "plugboard tokens revoke <id>".`,
          );
        await requireYes(host, options, login.url);
        const registry = await openRegistryWith(host, url, login.secret);
        await registry.revokeToken(login.tokenId);
      }
      await dropLogin(host, login);
      report.done(
        { url, revoked: options.revoke === true },
        `The ${kind === "account" ? "token" : "API key"} for ${url} is taken out of the profile${options.revoke ? ", and ended at the registry" : ""}.`,
      );
    });
  addExamples(
    logout,
    ["plugboard logout", "Forgets the token of the registry that is used by default."],
    ["plugboard logout --revoke --yes", "Ends it, too."],
  );
}

/** An account has no password: with its last token ended, nobody gets into it. */
async function requireYes(host: CliHost, { yes }: Options, url: string): Promise<void> {
  if (yes) return;
  if (!host.interactive)
    throw new CliFailure(
      "consent-missing",
      "If this is the account's only token, nobody gets into the account without it. Add --yes.",
    );
  if (
    await askYes(host, `If this is the account's only token, nobody gets into it any more. End it at ${url}?`)
  )
    return;
  throw new CliFailure("cancelled", "Cancelled; nothing was changed.");
}
