import { type Command, InvalidArgumentError, Option } from "commander";
import { addExamples } from "../examples.ts";
import type { CliHost } from "../host.ts";
import { wholeNumber, withRegistry } from "../options.ts";
import { unbroken } from "../printable.ts";
import { openRegistry, type SearchQuery } from "../registry/index.ts";
import { reportOf } from "../report.ts";

interface SearchOptions extends Omit<SearchQuery, "q" | "verified"> {
  registry?: string;
  verified?: "yes" | "no";
}

type Page = Awaited<ReturnType<Awaited<ReturnType<typeof openRegistry>>["search"]>>;

export function addSearchCommand(program: Command, host: CliHost): void {
  const search = withRegistry(program.command("search"))
    .description("search the registry for plugins")
    .argument("[text...]", "words to look for; none lists everything")
    .option("--category <category>", "in this category; may be repeated, any will do", collect)
    .option("--permission <kind>", "asks for network, storage, …; may be repeated", collect)
    .addOption(
      new Option("--pricing <model>", "with this pricing; may be repeated").argParser(
        oneOf(["free", "one-time", "subscription", "usage"]),
      ),
    )
    .addOption(new Option("--verified <yes|no>", "of a verified publisher, or not").choices(["yes", "no"]))
    .option("--network-host <host>", "asks to talk to this host, or one below it")
    .option("--host-version <version>", "runs on this version of Plugboard")
    .option("--deprecated", "also what its publisher advises against")
    .addOption(
      new Option("--sort <order>", "what comes first (default: relevance)").choices([
        "relevance",
        "rating",
        "installs",
        "updated",
      ]),
    )
    .option("--facets", "count all answers by category, pricing, permission and more")
    .option("--limit <number>", "results at most, 1 to 100", wholeNumber(1, 100), 20)
    .option("--cursor <cursor>", "nextCursor of the page before")
    .action(async (words: string[], options: SearchOptions, command: Command) => {
      const report = reportOf(host, command);
      const { registry: named, verified, ...filters } = options;
      const registry = await openRegistry(host, named);
      const text = words.join(" ");
      const page = await registry.search({
        q: text,
        ...filters,
        ...(verified && { verified: verified === "yes" }),
      });
      report.done(page, page.items.length > 0 ? inProse(page) : `Nothing fits "${text}".`);
    });
  addExamples(
    search,
    ["plugboard search invoices", "Plugins that have to do with invoices, best match first."],
    [
      "plugboard search --category payments --verified yes --sort installs",
      "Payment plugins of verified publishers, the most installed first.",
    ],
    ["plugboard search --limit 100 --facets --json", "The first hundred of all, and counts, for a script."],
  );
}

function inProse({ items, nextCursor, facets, total }: Page): string {
  const lines = items.flatMap(({ id, version, verified, rating, installs, deprecated, description }) => [
    [
      `${id} ${version}${verified ? " (verified)" : ""}`,
      ...(rating && rating.count > 0 ? [`★ ${rating.mean?.toFixed(1)}`] : []),
      ...(installs ? [`${installs} installs`] : []),
      ...(deprecated ? [`deprecated: ${deprecated.message}`] : []),
    ].join("  "),
    `    ${description}`,
  ]);
  for (const [facet, values] of Object.entries(facets ?? {})) {
    const counts = values.map(({ value, count }) => `${value} (${count})`).join(", ");
    if (counts) lines.push(`${facet}: ${counts}`);
  }
  if (nextCursor) lines.push(`More${total === undefined ? "" : ` of ${total}`}: add --cursor ${nextCursor}`);
  return unbroken(lines);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function oneOf(choices: string[]): (value: string, before?: string[]) => string[] {
  return (value, before) => {
    if (choices.includes(value)) return collect(value, before);
    throw new InvalidArgumentError(`Allowed choices are ${choices.join(", ")}.`);
  };
}
