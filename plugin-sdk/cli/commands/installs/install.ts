import { type Command, Option } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { openHost, withConsent } from "../../host-api/index.ts";
import { withHost } from "../../options.ts";
import { reportOf } from "../../report.ts";
import { parseTarget } from "../../target.ts";
import { channels } from "./channels.ts";

interface Options {
  host?: string;
  consent?: string;
  channel?: string;
}

export function addInstallCommand(program: Command, host: CliHost): void {
  const install = withHost(program.command("install"))
    .description("install a plugin for a tenant at a Plugboard host; shows what it asks for, and asks you")
    .argument(
      "<publisher/name[@range]>",
      "the highest version that satisfies the range (default: the latest)",
    )
    .option("--consent <digest>", "for scripts: agree to exactly the permissions of this digest, see info")
    .addOption(new Option("--channel <channel>", "which newer versions come by themselves").choices(channels))
    .action(async (named: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const { plugin, version } = parseTarget(named);
      const api = await openHost(host, options.host);
      const wish = { range: version, channel: options.channel };
      const installed = await withConsent({
        host,
        report,
        plugin,
        consent: options.consent,
        async change(consent) {
          const progress = report.progress(`Installing ${named} at ${api.url} …`);
          return api.install(plugin, { ...wish, consent }).finally(() => progress.end());
        },
      });
      for (const { message } of installed.warnings ?? []) report.warn(message);
      report.done(installed, `Installed ${installed.plugin} ${installed.version}: ${installed.id}.`);
    });
  addExamples(
    install,
    ["plugboard install plugboard/stripe --host https://plugboard.example", "Shows the permissions first."],
    [
      "plugboard install plugboard/stripe@^1.0.0 --consent 5f0c… --channel minor",
      "In a script that agrees to one set of permissions; others are refused.",
    ],
  );
}
