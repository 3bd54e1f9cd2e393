import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import semver from "semver";
import type { RegistryClient, ReleaseSignatures } from "../client/index.ts";
import { BundleError } from "./errors.ts";
import { type BundledRelease, type BundleHead, bundleFormat } from "./format.ts";

/** A registry that changes while it is read is read again, so often. */
const mostTries = 5;

interface Wanted {
  plugin: string;
  version: string;
}

type Source = Pick<
  RegistryClient,
  | "getRoot"
  | "getRootVersion"
  | "getCheckpoint"
  | "getRevocations"
  | "getPlugin"
  | "getSignatures"
  | "getTarball"
>;

/**
 * Writes what the registry says of some plugins into one file, all as of one checkpoint.
 *
 * @param plugins `publisher/name`, or with `@range`: every version that satisfies it and is not blocked; else the latest
 * @returns how many releases there are in it
 * @throws BundleError; and what the client throws
 */
export async function createBundle(registry: Source, file: string, plugins: string[]): Promise<number> {
  const { head, releases } = await readAtOnce(registry, plugins);
  async function* lines() {
    yield `${JSON.stringify(head)}\n`;
    for (const { signatures, ...wanted } of releases) {
      const tarball = await registry.getTarball(wanted.plugin, wanted.version);
      const release: BundledRelease = { ...wanted, signatures, tarball: tarball.toString("base64") };
      yield `${JSON.stringify(release)}\n`;
    }
  }
  await pipeline(Readable.from(lines()), createGzip(), createWriteStream(file, { flags: "wx", flush: true }));
  return releases.length;
}

/** Proofs of one and the same checkpoint: parts of different times would not be believed together. */
async function readAtOnce(
  registry: Source,
  plugins: string[],
): Promise<{ head: BundleHead; releases: (Wanted & { signatures: ReleaseSignatures })[] }> {
  for (let run = 0; run < mostTries; run++) {
    const checkpoint = await registry.getCheckpoint();
    const releases: (Wanted & { signatures: ReleaseSignatures })[] = [];
    for (const wanted of (await Promise.all(plugins.map((name) => versionsOf(registry, name)))).flat()) {
      releases.push({ ...wanted, signatures: await registry.getSignatures(wanted.plugin, wanted.version) });
    }
    const revocations = await registry.getRevocations();
    const roots = await readRoots(registry);
    const isOne = releases.every(({ signatures }) => signatures.proof.checkpoint === checkpoint);
    if (isOne && (await registry.getCheckpoint()) === checkpoint) {
      return { head: { format: bundleFormat, roots, checkpoint, revocations }, releases };
    }
  }
  throw new BundleError("The registry changed faster than it could be read. Try again when it is quieter.");
}

async function readRoots(registry: Source) {
  const { version } = await registry.getRoot();
  const roots: { signatures: string[] }[] = [];
  for (let at = 1; at <= version; at++) {
    const { signatures } = await registry.getRootVersion(at);
    roots.push({ signatures });
  }
  return roots;
}

async function versionsOf(registry: Source, name: string): Promise<Wanted[]> {
  const [plugin = "", range] = name.split("@");
  const listing = await registry.getPlugin(plugin);
  if (range === undefined) return [{ plugin, version: listing.version }];
  const found = listing.versions.filter(
    ({ version, blocked }) => blocked === null && semver.satisfies(version, range),
  );
  if (found.length === 0)
    throw new BundleError(`No version of ${plugin} that is not blocked satisfies "${range}".`);
  // As they were published: the oldest first.
  return found.toReversed().map(({ version }) => ({ plugin, version }));
}
