import { type Command, Option } from "commander";
import { addExamples } from "../examples.ts";
import { formatProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { checkPluginName, checkPublisher } from "../names.ts";
import { andMore, type PageOptions, withPage, withRegistry } from "../options.ts";
import { openRegistry, type Publication } from "../registry/index.ts";
import { reportOf } from "../report.ts";

interface ListOptions extends PageOptions {
  registry?: string;
  status?: string;
  plugin?: string;
}

interface Options {
  registry?: string;
  reason?: string;
}

export function addPublicationsCommand(program: Command, host: CliHost): void {
  const publications = program
    .command("publications")
    .description("see what became of what was sent in, and take it back");

  const list = withPage(withRegistry(publications.command("list")))
    .description("list what a publisher sent in, newest first; for its members")
    .argument("<publisher>")
    .addOption(
      new Option("--status <status>", "only those that are").choices([
        "validating",
        "scanning",
        "published",
        "rejected",
        "quarantined",
      ]),
    )
    .option("--plugin <name>", "only those of this plugin")
    .action(async (name: string, options: ListOptions, command: Command) => {
      const report = reportOf(host, command);
      const { limit, cursor, status, plugin } = options;
      const registry = await openRegistry(host, options.registry);
      const page = await registry.listPublications(checkPublisher(name), {
        limit,
        cursor,
        ...(status !== undefined && { status }),
        ...(plugin !== undefined && { plugin: checkPluginName(plugin) }),
      });
      report.done(page, (page.items.map(headOf).join("\n") || "Nothing.") + andMore(page.nextCursor));
    });
  addExamples(list, [
    "plugboard publications list acme --status quarantined",
    "What waits for the operator.",
  ]);

  const show = withRegistry(publications.command("show"))
    .description("show how far a publication has come, and what was found in it")
    .argument("<id>", "pub_…")
    .action(async (id: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const publication = await (await openRegistry(host, options.registry)).getPublication(id);
      report.done(publication, inProse(publication));
    });
  addExamples(show, ["plugboard publications show pub_… --json", "With every problem and note."]);

  const rescan = withRegistry(publications.command("rescan"))
    .description("have what is published or quarantined looked at again; for members")
    .argument("<id>", "pub_…")
    .action(async (id: string, options: Options, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const { plugin } = await registry.getPublication(id);
      const asked = await registry.rescanPublication(publisherOf(plugin), id);
      report.done(asked, `${headOf(asked)}: it will be looked at again.`);
    });
  addExamples(rescan, ["plugboard publications rescan pub_…", "After a scanner was mended, for instance."]);

  const withdraw = withRegistry(publications.command("withdraw"))
    .description("take back what is not published yet, and free its version; for members")
    .argument("<id>", "pub_…")
    .requiredOption("--reason <text>", "why, for the record")
    .action(async (id: string, options: Options & { reason: string }, command: Command) => {
      const report = reportOf(host, command);
      const registry = await openRegistry(host, options.registry);
      const { plugin } = await registry.getPublication(id);
      const ended = await registry.withdrawPublication(publisherOf(plugin), id, options.reason);
      report.done(ended, `Took ${ended.plugin} ${ended.version} back.`);
    });
  addExamples(withdraw, [
    'plugboard publications withdraw pub_… --reason "The wrong branch."',
    "The same version can be published again.",
  ]);
}

function headOf({ id, plugin, version, status }: Publication): string {
  return `${id}  ${plugin} ${version}  ${status}`;
}

function inProse(publication: Publication): string {
  const { problems = [], notes = [], decision } = publication;
  return [
    headOf(publication),
    ...(decision ? [`  ${decision.decision} by ${decision.by}: ${decision.reason}`] : []),
    ...problems.map((problem) => `  problem: ${formatProblem(problem)}`),
    ...notes.map((note) => `  note: ${formatProblem(note)}`),
  ].join("\n");
}

function publisherOf(plugin: string): string {
  return plugin.slice(0, plugin.indexOf("/"));
}
