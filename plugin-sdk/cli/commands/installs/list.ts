import type { Command } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { type Install, openHost } from "../../host-api/index.ts";
import { withHost } from "../../options.ts";
import { unbroken } from "../../printable.ts";
import { reportOf } from "../../report.ts";

export function addInstallsCommand(program: Command, host: CliHost): void {
  const installs = withHost(program.command("installs"))
    .description("list what a tenant has installed, and what there is newer")
    .action(async (options: { host?: string }, command: Command) => {
      const report = reportOf(host, command);
      const items = await (await openHost(host, options.host)).listInstalls();
      report.done({ items }, unbroken(items.map(inProse)) || "Nothing is installed.");
    });
  addExamples(installs, ["plugboard installs --host https://plugboard.example", "One line for each plugin."]);
}

function inProse({ plugin, version, status, channel, update, blocked, quarantine }: Install): string {
  return [
    `${plugin} ${version}`,
    status,
    ...(channel ? [channel] : []),
    ...(update ? [`${update.version} is there`] : []),
    ...(blocked ? [`BLOCKED: ${blocked.reason}`] : []),
    ...(quarantine ? [`quarantined: ${quarantine.reason}`] : []),
  ].join("  ");
}
