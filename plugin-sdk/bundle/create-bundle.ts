import { open, rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import semver from "semver";
import type { Checkpoint, Root, SignedRoot } from "../trust/index.ts";
import { BundleError } from "./errors.ts";
import type { BundledName, BundleSource, ReleaseStatements } from "./source.ts";
import { lastRoot, verifyContents, verifyHead } from "./verify.ts";

/**
 * A bundle is gzipped text: one line of JSON with what the registry said (`format`, `roots`, `checkpoint`,
 * `revocations`), then one line for each release. All that it says was signed, so the file needs no signature of its own.
 */
export const bundleFormat = "plugboard-bundle/1";

/** A registry that changes while it is read is read again, so often. */
const mostTries = 5;

interface ReadRegistry {
  roots: { signatures: string[] }[];
  root: Root;
  /** Compact JWS. */
  checkpoint: string;
  place: Checkpoint;
  revocations: object;
  releases: (BundledName & { signatures: ReleaseStatements })[];
}

export interface CreatedBundle {
  releases: BundledName[];
  /** What all of it is as of. */
  checkpoint: Checkpoint;
  rootVersion: number;
}

/**
 * Writes what the registry says of some plugins into one new file, all as of one checkpoint, and held against its
 * signatures. Where anything fails, no file is left.
 *
 * @param o.plugins `publisher/name`, or with `@range`: every version that satisfies it and is not blocked; else the latest
 * @param o.trusted a root that the registry's has to follow from; without one its first root is believed
 * @param o.onRelease told before a release is fetched
 * @throws BundleError, TrustError, what the source throws, and what the file system does
 */
export async function createBundle(
  registry: BundleSource,
  file: string,
  o: { plugins: string[]; trusted?: SignedRoot | undefined; onRelease?: (release: BundledName) => void },
): Promise<CreatedBundle> {
  const handle = await open(file, "wx");
  try {
    const read = await readAtOnce(registry, o.plugins);
    if (o.trusted) await requireTrusted(read.roots, o.trusted);
    const lines = Readable.from(linesOf(registry, read, o.onRelease ?? (() => {})));
    await pipeline(lines, createGzip(), handle.createWriteStream({ flush: true }));
    const releases = read.releases.map(({ plugin, version }) => ({ plugin, version }));
    return { releases, checkpoint: read.place, rootVersion: read.root.version };
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(file, { force: true });
    throw error;
  }
}

async function* linesOf(
  registry: BundleSource,
  { roots, root, checkpoint, revocations, releases }: ReadRegistry,
  onRelease: (release: BundledName) => void,
): AsyncGenerator<string> {
  yield `${JSON.stringify({ format: bundleFormat, roots, checkpoint, revocations })}\n`;
  for (const { plugin, version, signatures } of releases) {
    onRelease({ plugin, version });
    const tarball = await registry.getTarball(plugin, version);
    await verifyContents(root, { plugin, version }, { statements: signatures, tarball });
    yield `${JSON.stringify({ plugin, version, signatures, tarball: tarball.toString("base64") })}\n`;
  }
}

/** Proofs of one and the same checkpoint: parts of different times would not be believed together. */
async function readAtOnce(registry: BundleSource, plugins: string[]): Promise<ReadRegistry> {
  for (let run = 0; run < mostTries; run++) {
    const checkpoint = await registry.getCheckpoint();
    const releases: ReadRegistry["releases"] = [];
    for (const name of plugins)
      for (const wanted of await versionsOf(registry, name))
        releases.push({ ...wanted, signatures: await registry.getSignatures(wanted.plugin, wanted.version) });
    const revocations = await registry.getRevocations();
    const roots = await readRoots(registry);
    const isOne = releases.every(({ signatures }) => signatures.proof.checkpoint === checkpoint);
    if (!isOne || (await registry.getCheckpoint()) !== checkpoint) continue;
    const root = await lastRoot(roots);
    return {
      roots,
      root,
      checkpoint,
      place: await verifyHead(root, { checkpoint, revocations }),
      revocations,
      releases,
    };
  }
  throw new BundleError("The registry changed faster than it could be read. Try again when it is quieter.");
}

async function readRoots(registry: BundleSource): Promise<{ signatures: string[] }[]> {
  const { version } = await registry.getRoot();
  const roots: { signatures: string[] }[] = [];
  for (let at = 1; at <= version; at++) {
    const { signatures } = await registry.getRootVersion(at);
    roots.push({ signatures });
  }
  return roots;
}

async function versionsOf(registry: BundleSource, name: string): Promise<BundledName[]> {
  const at = name.indexOf("@");
  const [plugin, range] = at < 0 ? [name] : [name.slice(0, at), name.slice(at + 1)];
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

/** The trusted root is one of the registry's, signature for signature over the very same payload. */
async function requireTrusted(roots: SignedRoot[], trusted: SignedRoot): Promise<void> {
  const { version } = await lastRoot([trusted]);
  const own = roots[version - 1];
  if (own && payloadOf(own) === payloadOf(trusted)) return;
  throw new BundleError(
    "The registry's roots do not go back to the one that is trusted: it is another registry.",
  );
}

function payloadOf({ signatures: [first = ""] }: SignedRoot): string {
  return first.split(".")[1] ?? "";
}
