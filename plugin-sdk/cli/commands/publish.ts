import type { Command } from "commander";
import type { CliHost } from "../host.ts";
import { seconds, withRegistry } from "../options.ts";
import { openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";

interface PublishOptions {
  registry?: string;
  register?: boolean;
  timeout: number;
}

export function addPublishCommand(program: Command, host: CliHost): void {
  withRegistry(program.command("publish"))
    .description("send a signed package to the registry, and wait until it is published or rejected")
    .argument(
      "[package]",
      "the .tgz (default: what was built last in this directory); signed now if it is not yet",
    )
    .option("--register", "claim the publisher's name at this registry if nobody has it")
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
        timeoutMs: options.timeout * 1000,
        note: report.note,
      });
      report.done(publication, `Published ${publication.plugin} ${publication.version}.`);
    });
}
