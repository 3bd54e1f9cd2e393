import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { seconds, withRegistry } from "../options.ts";
import { openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";

interface PublishOptions {
  registry?: string;
  register?: boolean;
  wait: boolean;
  timeout: number;
}

export function addPublishCommand(program: Command, host: CliHost): void {
  const publish = withRegistry(program.command("publish"))
    .description(
      "send a signed package to the registry, and wait until it is published or rejected; run again, it goes on waiting",
    )
    .argument(
      "[package]",
      "the .tgz (default: what was built last in this directory); signed now if it is not yet",
    )
    .option("--register", "claim the publisher's name at this registry if nobody has it")
    .option("--no-wait", "do not wait for the verdict; publications show tells it later")
    .option("--timeout <seconds>", "how long to wait for the registry's verdict", seconds, 120)
    .action(async (named: string | undefined, options: PublishOptions, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const { publishPackage } = await import("../publishing/index.ts"); // Slow to load, so only where it is needed.
      const publication = await publishPackage({
        host,
        registry,
        named,
        agreed: options.register === true,
        timeoutMs: options.wait ? options.timeout * 1000 : 0,
        report,
      });
      const { id, plugin, version, status } = publication;
      report.done(
        publication,
        status === "published"
          ? `Published ${plugin} ${version}.`
          : `Sent ${plugin} ${version} in; it is ${status}. "plugboard publications show ${id}" says how far it is.`,
      );
    });
  addExamples(
    publish,
    ["plugboard publish", "Signs what was built last, if need be, and publishes it."],
    [
      "plugboard publish --register --registry https://plugboard.example",
      "The first time: the publisher's name is claimed with your key.",
    ],
    ["plugboard publish dist/weather-1.0.0.tgz --no-wait --json", "In a CI that looks at the verdict later."],
  );
}
