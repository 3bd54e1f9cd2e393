import { type Command, InvalidArgumentError } from "commander";
import type { CliHost } from "../host.ts";
import { findRegistryUrl, openRegistry } from "../registry/index.ts";
import { createReport } from "../report.ts";

interface SearchOptions {
  registry?: string;
  limit: number;
  cursor?: string;
}

export function addSearchCommand(program: Command, host: CliHost): void {
  program
    .command("search")
    .description("search the registry for plugins")
    .argument("[text...]", "words to look for; none lists everything")
    .option("--registry <url>", "the registry to ask")
    .option("--limit <number>", "results at most, 1 to 100", parseLimit, 20)
    .option("--cursor <cursor>", "nextCursor of the page before")
    .action(async (words: string[], options: SearchOptions, command: Command) => {
      const report = createReport(host, command.optsWithGlobals().json === true);
      const registry = openRegistry(await findRegistryUrl(host, options.registry));
      const text = words.join(" ");
      const page = await registry.search({ text, limit: options.limit, cursor: options.cursor });
      const lines = page.items.map(
        ({ id, version, verified, description }) =>
          `${id} ${version}${verified ? " (verified)" : ""}\n    ${description}`,
      );
      const more = page.nextCursor ? `\nMore: add --cursor ${page.nextCursor}` : "";
      report.done(page, lines.length > 0 ? lines.join("\n") + more : `Nothing fits "${text}".`);
    });
}

function parseLimit(text: string): number {
  const limit = Number(text);
  if (!Number.isInteger(limit) || limit < 1 || limit > 100)
    throw new InvalidArgumentError("Give a whole number from 1 to 100.");
  return limit;
}
