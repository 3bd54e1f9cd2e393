import { type Command, Option } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { writeSecretFile } from "../../keys/index.ts";
import { checkPluginName, checkPublisher } from "../../names.ts";
import { andMore, type PageOptions, wholeNumber, withPage, withRegistry } from "../../options.ts";
import { openRegistry } from "../../registry/index.ts";
import { reportOf } from "../../report.ts";
import { keepSecret } from "../../secrets.ts";

interface CreateOptions {
  registry?: string;
  output: string;
  scope: string[];
  publisher?: string;
  plugin?: string[];
  days: number;
}

const scopes = ["read", "publish", "yank", "members", "tokens"];

export function addTokensCommand(program: Command, host: CliHost): void {
  const tokens = program.command("tokens").description("make, look at and end the tokens of your account");

  const create = withRegistry(tokens.command("create"))
    .description("make a further token, which may at most what yours may, and write it into a new file")
    .argument("<name>", "what it is for, for the list")
    .requiredOption("--output <file>", "a file that does not exist yet; only you may read it")
    .addOption(
      new Option("--scope <scope...>", "what it may be used for").choices(scopes).makeOptionMandatory(),
    )
    .option("--publisher <publisher>", "for this publisher alone")
    .option("--plugin <name...>", "for these plugins of the publisher alone")
    .option("--days <number>", "how long it is good, 1 to 365", wholeNumber(1, 365), 90)
    .action(async (name: string, options: CreateOptions, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const { token, secret } = await registry.createToken({
        name,
        scopes: options.scope,
        ...(options.publisher !== undefined && { publisher: checkPublisher(options.publisher) }),
        ...(options.plugin && { plugins: options.plugin.map(checkPluginName) }),
        expiresInDays: options.days,
      });
      const file = await writeSecretFile(host, options.output, `${keepSecret(host, secret)}\n`).catch(
        async (error: unknown) => {
          await registry.revokeToken(token.id); // Nobody has it.
          throw error;
        },
      );
      report.done(
        { token, file },
        `Wrote the token ${token.id} (${token.scopes.join(", ")}) to ${file}. It is good until ${token.expiresAt.slice(0, 10)}; hand it to your CI's secret store as PLUGBOARD_ACCOUNT_TOKEN, and remove the file.`,
      );
    });
  addExamples(create, [
    "plugboard tokens create ci --scope publish --publisher acme --output ci.token",
    "A token for a CI, which publishes for acme and does nothing else.",
  ]);

  const list = withPage(withRegistry(tokens.command("list")))
    .description("list your account's tokens, newest first, without their secrets")
    .action(async (options: PageOptions & { registry?: string }, command: Command) => {
      const report = reportOf(host, command);
      const { limit, cursor } = options;
      const page = await (await openRegistry(host, options.registry)).listTokens({ limit, cursor });
      const lines = page.items.map((token) =>
        [
          token.id,
          `${token.prefix}…`,
          token.name,
          token.scopes.join(","),
          ...(token.publisher ? [`for ${token.publisher}`] : []),
          token.revokedAt ? "revoked" : `until ${token.expiresAt.slice(0, 10)}`,
        ].join("  "),
      );
      report.done(page, (lines.join("\n") || "No tokens.") + andMore(page.nextCursor));
    });
  addExamples(list, ["plugboard tokens list", "Shows which there are, and when they were used last."]);

  const revoke = withRegistry(tokens.command("revoke"))
    .description("end a token at once, and all that it made")
    .argument("<id>", "tok_…, as tokens list shows it")
    .action(async (id: string, options: { registry?: string }, command: Command) => {
      const report = reportOf(host, command);
      await (await openRegistry(host, options.registry)).revokeToken(id);
      report.done({ id, revoked: true }, `${id} is accepted no more.`);
    });
  addExamples(revoke, ["plugboard tokens revoke tok_…", "For one that was lost, or is used no more."]);
}
