import { type Command, Option } from "commander";
import { addExamples } from "../../examples.ts";
import type { CliHost } from "../../host.ts";
import { openHost, withConsent } from "../../host-api/index.ts";
import { withHost } from "../../options.ts";
import { reportOf } from "../../report.ts";
import { parseTarget } from "../../target.ts";
import { channels } from "./channels.ts";
import { findInstall } from "./find-install.ts";

interface Options {
  host?: string;
  consent?: string;
  channel?: string;
}

export function addUpgradeCommand(program: Command, host: CliHost): void {
  const upgrade = withHost(program.command("upgrade"))
    .description("move an install to another version; what asks for more is shown, and you are asked")
    .argument("<publisher/name[@range]>", "the highest version in the range (default: the newest there is)")
    .option("--consent <digest>", "for scripts: agree to exactly the permissions of this digest, see info")
    .addOption(
      new Option("--channel <channel>", "which newer versions come by themselves from now on").choices(
        channels,
      ),
    )
    .action(async (named: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const { plugin, version } = parseTarget(named);
      const api = await openHost(host, options.host);
      const before = await findInstall(api, plugin);
      // Without a range an upgrade never goes back, also where the version that runs was withdrawn.
      const wish = { range: version ?? `>=${before.version}`, channel: options.channel };
      const after = await withConsent({
        host,
        report,
        plugin,
        consent: options.consent,
        async change(consent) {
          const progress = report.progress(`Moving ${plugin} from ${before.version} at ${api.url} …`);
          return api.upgrade(before.id, { ...wish, consent }).finally(() => progress.end());
        },
      });
      for (const { message } of after.warnings ?? []) report.warn(message);
      report.done(
        { ...after, from: before.version },
        after.version === before.version
          ? `${plugin} stays at ${after.version}.`
          : `Moved ${plugin} from ${before.version} to ${after.version}.`,
      );
    });
  addExamples(
    upgrade,
    ["plugboard upgrade plugboard/stripe", "To the newest version that is offered."],
    [
      "plugboard upgrade plugboard/stripe@1.4.2 --channel patch",
      "To this one, and to its patches by themselves.",
    ],
  );
}
