import { basename } from "node:path";
import { type Command, InvalidArgumentError } from "commander";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { ensureRegistered, findRegistryUrl, openRegistry, waitForPublication } from "../registry/index.ts";
import { createReport } from "../report.ts";
import { findPackage, publisherOf, readStatement, signPackage } from "../signing/index.ts";

interface PublishOptions {
  registry?: string;
  register?: boolean;
  timeout: number;
}

export function addPublishCommand(program: Command, host: CliHost): void {
  program
    .command("publish")
    .description("send a signed package to the registry, and wait until it is published or rejected")
    .argument(
      "[package]",
      "the .tgz (default: what was built last in this directory); signed now if it is not yet",
    )
    .option("--registry <url>", "the registry to publish to")
    .option("--register", "claim the publisher's name at this registry if nobody has it")
    .option("--timeout <seconds>", "how long to wait for the registry's verdict", parseSeconds, 120)
    .action(async (named: string | undefined, options: PublishOptions, command: Command) => {
      const report = createReport(host, command.optsWithGlobals().json === true);
      const registry = openRegistry(await findRegistryUrl(host, options.registry));
      const path = await findPackage(host.cwd, named);
      const { tarball, contents, statement } = (await readStatement(path)) ?? (await signPackage(host, path));
      const { id, version } = contents.manifest;

      const registered = await ensureRegistered({
        host,
        registry,
        publisher: publisherOf(id),
        agreed: options.register === true,
      });
      if (registered) report.note(`Registered ${publisherOf(id)} at ${registry.url}.`);

      report.note(`Publishing ${id} ${version} to ${registry.url} …`);
      const accepted = await registry.publish({ statement, tarball, fileName: basename(path) });
      const publication = await waitForPublication(registry, accepted, options.timeout * 1000);
      if (publication.status === "rejected")
        throw new CliFailure("rejected", `The registry rejected ${id} ${version}.`, {
          problems: publication.problems ?? [],
        });
      report.done(publication, `Published ${id} ${version}.`);
    });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds <= 0)
    throw new InvalidArgumentError("Give a number of seconds above 0.");
  return seconds;
}
