import { readFile, writeFile } from "node:fs/promises";
import { Check } from "typebox/value";
import { createBundle, importBundle, openBundle, SeenUpstream } from "../bundle/index.ts";
import { type Command, list, needed, OperatorError, text, type Values, whole } from "./command.ts";
import { openRegistry, registryOptions } from "./registry.ts";

const dayMs = 24 * 3_600_000;

const create: Command = {
  usage: "bundle create <file> --plugin <publisher/name[@range]>…",
  summary: "Put plugins, with all that vouches for them, into one file for a place without a network.",
  options: { plugin: { type: "string", multiple: true }, ...registryOptions },
  words: 1,
  async run({ words: [file = ""], values, env }) {
    const plugins = list(values, "plugin");
    if (plugins.length === 0) throw new OperatorError("--plugin is missing.");
    const { releases } = await createBundle(await openRegistry(values, env), file, { plugins });
    return `${file} has ${releases.length} releases in it.`;
  },
};

const fromElsewhere = {
  trust: { type: "string" },
  staleness: { type: "string" },
} as const;

const verify: Command = {
  usage: "bundle verify <file> --trust <file> [--staleness <days>]",
  summary: "See whether a bundle follows from what is trusted: a root.json, or what an import wrote there.",
  options: fromElsewhere,
  words: 1,
  async run({ words: [file = ""], values }) {
    const bundle = await open(file, values);
    const found: string[] = [];
    for await (const { release } of bundle.releases())
      found.push(`  ${release.manifest.id} ${release.manifest.version}`);
    return [
      `Place ${bundle.checkpoint.seq}, root ${bundle.root.version}. All of these verify:`,
      ...found,
    ].join("\n");
  },
};

const load: Command = {
  usage: "bundle import <file> --trust <file> [--staleness <days>] [--revive-keys]",
  summary:
    "Publish what a bundle has in a registry of one's own, and block what is blocked there. The trust file keeps how far that registry was seen. With --revive-keys, keys that were revoked here sign what the bundle has.",
  options: { ...fromElsewhere, "revive-keys": { type: "boolean" }, ...registryOptions },
  words: 1,
  async run({ words: [file = ""], values, env }) {
    const bundle = await open(file, values);
    const { published, known, rejected, revoked, blocked } = await importBundle(
      bundle,
      await openRegistry(values, env),
      { revivesKeys: values["revive-keys"] === true },
    );
    // Not before all of it verified.
    await writeFile(needed(values, "trust"), `${JSON.stringify(bundle.seen, null, 2)}\n`, { flush: true });
    const lines = Object.entries({
      published,
      "here already": known,
      rejected,
      ...(revoked.length > 0 && { "by a key that was revoked here": revoked }),
      blocked,
    });
    return lines.map(([what, names]) => `${what}: ${names.join(", ") || "none"}`).join("\n");
  },
};

export const bundleCommands = { "bundle create": create, "bundle verify": verify, "bundle import": load };

async function open(file: string, values: Values) {
  const trust = needed(values, "trust");
  const staleness = text(values, "staleness");
  const stalenessMs = staleness === undefined ? 0 : whole(staleness, "staleness", [0, 366]) * dayMs;
  return openBundle(file, { seen: await readSeen(trust), stalenessMs, now: new Date() });
}

/** What an import wrote, or a root.json for the first one. */
async function readSeen(file: string): Promise<SeenUpstream> {
  let read: unknown;
  try {
    read = JSON.parse(await readFile(file, "utf8"));
  } catch {
    throw new OperatorError(`${file} cannot be read as JSON.`);
  }
  if (Check(SeenUpstream, read)) return read;
  const first = { root: read };
  if (Check(SeenUpstream, first)) return { root: { signatures: first.root.signatures } };
  throw new OperatorError(`${file} is no root; expected what GET /registry/v1/root answers.`);
}
