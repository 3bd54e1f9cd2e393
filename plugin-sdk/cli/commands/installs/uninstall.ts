import type { Command } from "commander";
import { askYes } from "../../ask.ts";
import { addExamples } from "../../examples.ts";
import { CliFailure } from "../../failure.ts";
import type { CliHost } from "../../host.ts";
import { openHost } from "../../host-api/index.ts";
import { withHost } from "../../options.ts";
import { reportOf } from "../../report.ts";
import { parsePlugin } from "../../target.ts";
import { findInstall } from "./find-install.ts";

interface Options {
  host?: string;
  force?: boolean;
  yes?: boolean;
}

export function addUninstallCommand(program: Command, host: CliHost): void {
  const uninstall = withHost(program.command("uninstall"))
    .description("uninstall a plugin of a tenant, with all that it stored there")
    .argument("<publisher/name>")
    .option("--force", "also if the plugin's own uninstall hook fails")
    .option("--yes", "do not ask")
    .action(async (named: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const { plugin } = parsePlugin(named);
      const api = await openHost(host, options.host);
      const { id, version } = await findInstall(api, plugin);
      if (!options.yes) await requireYes(host, `Uninstall ${plugin} ${version}, with all that it stored?`);
      const progress = report.progress(`Uninstalling ${plugin} at ${api.url} …`);
      await api.uninstall(id, { force: options.force === true }).finally(() => progress.end());
      report.done({ id, plugin, version, uninstalled: true }, `Uninstalled ${plugin} ${version}.`);
    });
  addExamples(uninstall, ["plugboard uninstall plugboard/stripe --yes", "In a script."]);
}

async function requireYes(host: CliHost, question: string): Promise<void> {
  if (!host.interactive)
    throw new CliFailure("consent-missing", "What the plugin stored goes with it. Add --yes.");
  if (!(await askYes(host, question))) throw new CliFailure("cancelled", "Cancelled; nothing was changed.");
}
