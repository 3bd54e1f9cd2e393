import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { readProfile } from "../keys/index.ts";
import { withRegistry } from "../options.ts";
import { openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";

export function addWhoamiCommand(program: Command, host: CliHost): void {
  const whoami = withRegistry(program.command("whoami"))
    .description("show whose token is used at the registry, and whose keys are here")
    .action(async (options: { registry?: string }, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const account = await registry.getAccount();
      const { keys } = await readProfile(host.env);
      const publishers = [...new Set(keys.map(({ publisher }) => publisher))].sort();
      const from = host.env.PLUGBOARD_ACCOUNT_TOKEN ? "PLUGBOARD_ACCOUNT_TOKEN" : "profile";
      report.done(
        { registry: registry.url, account, from, publishers },
        [
          `${account.displayName} (${account.id}) at ${registry.url}, by the token of ${from === "profile" ? "the profile" : from}.`,
          `Keys for: ${publishers.join(", ") || "nobody"}.`,
        ].join("\n"),
      );
    });
  addExamples(whoami, ["plugboard whoami --json", "For a script: account, registry, publishers."]);
}
