import { readFile, stat } from "node:fs/promises";
import { resolve } from "node:path";
import type { Command } from "commander";
import type { SignedRoot } from "../../trust/index.ts";
import { addExamples } from "../examples.ts";
import { CliFailure } from "../failure.ts";
import type { CliHost } from "../host.ts";
import { withRegistry } from "../options.ts";
import { openRegistry } from "../registry/index.ts";
import { reportOf } from "../report.ts";
import { parseTarget } from "../target.ts";

interface Options {
  registry?: string;
  output: string;
  trust?: string;
}

export function addBundleCommand(program: Command, host: CliHost): void {
  const bundle = withRegistry(program.command("bundle"))
    .description(
      "put plugins, with all that vouches for them, into one file for a place without a network; verified first",
    )
    .argument("<publisher/name[@range]...>", "every version in the range (default: the latest)")
    .requiredOption("--output <file>", "a file that does not exist yet")
    .option("--trust <file>", "a root.json that the registry has to follow from, of GET /registry/v1/root")
    .action(async (named: string[], options: Options, command: Command) => {
      const report = reportOf(host, command);
      for (const name of named) parseTarget(name);
      const registry = await openRegistry(host, options.registry);
      const trusted = await readRoot(host, options.trust);
      const file = resolve(host.cwd, options.output);
      const { createBundle } = await import("../../bundle/index.ts"); // Slow to load, so only where it is needed.
      const progress = report.progress(`Reading what ${registry.url} says …`);
      const onRelease = (release: { plugin: string; version: string }) =>
        progress.update(`Fetching ${release.plugin} ${release.version} …`);
      const made = await createBundle(registry, file, { plugins: named, trusted, onRelease })
        .catch((error: unknown) => {
          throw asFailure(error, file);
        })
        .finally(() => progress.end());
      const { releases, checkpoint, rootVersion } = made;
      report.done(
        {
          file,
          size: (await stat(file)).size,
          releases,
          rootVersion,
          checkpoint: { seq: checkpoint.seq, expiresAt: checkpoint.expiresAt },
        },
        [
          `${options.output} has ${releases.length} releases, as of place ${checkpoint.seq} and root ${rootVersion}:`,
          ...releases.map(({ plugin, version }) => `  ${plugin} ${version}`),
          `It is believed without more ado until ${checkpoint.expiresAt}; the registry there takes it in with "bundle import".`,
        ].join("\n"),
      );
    });
  addExamples(
    bundle,
    [
      "plugboard bundle acme/echo@^1.0.0 plugboard/stripe --output plugins.bundle",
      "Two plugins in one file.",
    ],
    [
      "plugboard bundle plugboard/stripe --output stripe.bundle --trust upstream.json",
      "Only from the registry that was trusted before.",
    ],
  );
}

async function readRoot(host: CliHost, file: string | undefined): Promise<SignedRoot | undefined> {
  if (file === undefined) return undefined;
  const path = resolve(host.cwd, file);
  try {
    const read = JSON.parse(await readFile(path, "utf8"));
    // What GET /root answers, or what an import wrote beside it.
    const { signatures } = read.root ?? read;
    if (Array.isArray(signatures) && signatures.every((one) => typeof one === "string"))
      return { signatures };
  } catch {
    // Told below.
  }
  throw new CliFailure(
    "root-malformed",
    `${path} is no root; expected what GET /registry/v1/root answers, as a file.`,
  );
}

function asFailure(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || error instanceof CliFailure || !("code" in error)) return error;
  if (error.code === "EEXIST")
    return new CliFailure("file-exists", `${file} exists. Name another, or remove it.`, { cause: error });
  if (error.name === "BundleError" || error.name === "TrustError")
    return new CliFailure(String(error.code), error.message, { cause: error });
  return new CliFailure("file-unwritable", `${file} was not written (${error.code}).`, { cause: error });
}
