import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { wholeNumber, withRegistry } from "../options.ts";
import { findRegistryUrl, openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";

interface SearchOptions {
  registry?: string;
  limit: number;
  cursor?: string;
}

export function addSearchCommand(program: Command, host: CliHost): void {
  const search = withRegistry(program.command("search"))
    .description("search the registry for plugins")
    .argument("[text...]", "words to look for; none lists everything")
    .option("--limit <number>", "results at most, 1 to 100", wholeNumber(1, 100), 20)
    .option("--cursor <cursor>", "nextCursor of the page before")
    .action(async (words: string[], options: SearchOptions, command: Command) => {
      const report = reportOf(host, command);
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
  addExamples(
    search,
    ["plugboard search invoices", "Plugins that have to do with invoices, best match first."],
    ["plugboard search --limit 100 --json", "The first hundred of all, for a script."],
  );
}
