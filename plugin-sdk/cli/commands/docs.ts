import { readFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import type { Command } from "commander";
import { addExamples } from "../examples.ts";
import { CliFailure, type FailureProblem } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { makeFolder, putFile } from "../made-files.ts";
import { reportOf } from "../report.ts";

interface DocsOptions {
  out: string;
  check?: boolean;
}

export function addDocsCommand(program: Command, host: CliHost): void {
  const docs = program
    .command("docs")
    .description("write the listing page and the reference of a plugin, as Markdown from its code")
    .argument("[directory]", "the plugin's directory", ".")
    .option("--out <folder>", "where in the plugin's directory to write listing.md and reference.md", "docs")
    .option("--check", "write nothing, and fail where the files are not what the plugin is now")
    .action(async (named: string, { out, check }: DocsOptions, command: Command) => {
      const report = reportOf(host, command);
      const directory = resolve(host.cwd, named);
      const { packPlugin } = await import("../build/index.ts"); // Slow to load, so only where it is needed.
      const { listingPage, referencePage } = await import("../docs/index.ts");
      const { manifest } = await packPlugin({ directory });
      const pages = [
        { path: join(directory, out, "listing.md"), text: listingPage(manifest) },
        { path: join(directory, out, "reference.md"), text: referencePage(manifest) },
      ];
      const shown = pages.map(({ path }) => relative(host.cwd, path));
      if (check) {
        const problems = (await Promise.all(pages.map((page) => staleness(page, directory)))).flat();
        if (problems.length > 0)
          throw new CliFailure("docs-stale", "The documentation is not what the plugin is now.", {
            problems,
          });
        report.done({ files: shown }, `${shown.join(" and ")} say what the plugin is now.`);
        return;
      }
      await makeFolder(join(directory, out));
      for (const { path, text } of pages) await putFile(path, text);
      report.done({ files: shown }, `Wrote ${shown.join(" and ")}.`);
    });
  addExamples(
    docs,
    ["plugboard docs", "Writes docs/listing.md and docs/reference.md."],
    ["plugboard docs --check", "In a CI: fails where they are not what the plugin is now."],
  );
}

async function staleness(
  { path, text }: { path: string; text: string },
  directory: string,
): Promise<FailureProblem[]> {
  const file = relative(directory, path);
  const code = "docs-stale";
  const there = await readFile(path, "utf8").catch(() => undefined);
  if (there === text) return [];
  if (there === undefined) return [{ code, file, message: `${file} is not there. Run "plugboard docs".` }];
  const [lines, now] = [there.split("\n"), text.split("\n")];
  const index = now.findIndex((line, row) => line !== lines[row]);
  const line = (index === -1 ? now.length : index) + 1;
  return [{ code, file, line, message: `${file} says something else here. Run "plugboard docs".` }];
}
