import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { BundleError } from "@plugboard/plugin-sdk/bundle";
import {
  activeKeys,
  type Checkpoint,
  canonicalJson,
  type Root,
  type SignedRoot,
  sha256Hex,
  soundKeys,
  statementTypes,
  verifyRoot,
  verifySequenced,
} from "@plugboard/plugin-sdk/trust";
import { type Static, type TSchema, Type } from "typebox";
import { Check } from "typebox/value";
import { type VerifiedRelease, verifyRelease } from "../release/index.ts";
import type { Revocations } from "../transparency/index.ts";
import { BundledRelease, BundleHead } from "./format.ts";

/** How far the registry that a bundle is of has been seen. */
export const SeenUpstream = Type.Object({
  root: Type.Object({ signatures: Type.Array(Type.String(), { minItems: 1, maxItems: 60 }) }),
  /** SHA-256 of the root that was trusted first: what stands for this registry from then on. Absent before the first bundle. */
  origin: Type.Optional(Type.String({ pattern: "^[0-9a-f]{64}$" })),
  checkpoint: Type.Optional(Type.Object({ seq: Type.Integer(), logHead: Type.String() })),
});
export type SeenUpstream = Static<typeof SeenUpstream>;

export interface VerifiedBundle {
  root: Root;
  /** Stands for the registry that it is of. */
  origin: string;
  checkpoint: Checkpoint;
  revocations: Revocations;
  /** To be kept, and to be held against the next bundle. */
  seen: SeenUpstream;
  /** Verified one by one, as they are read. @throws ReleaseError, BundleError */
  releases(): AsyncGenerator<{
    release: VerifiedRelease;
    signatures: BundledRelease["signatures"];
    tarball: Buffer;
  }>;
}

/**
 * Reads a bundle and verifies it as a host would the registry: roots from the trusted one on, a checkpoint that does not go
 * back and has not run out for longer than allowed, the revocations that it names, and of each release the whole chain.
 *
 * @param o.stalenessMs how long after it has run out the checkpoint still counts
 * @throws BundleError, TrustError
 */
export async function openBundle(
  file: string,
  o: { seen: SeenUpstream; stalenessMs: number; now: Date },
): Promise<VerifiedBundle> {
  const lines = readLines(file);
  const head = parse(BundleHead, (await lines.next()).value, "its first line");
  const { root, signed } = await followRoots(head.roots, o.seen.root);
  const { payload: checkpoint } = await verifySequenced<Checkpoint>(
    statementTypes.checkpoint,
    head.checkpoint,
    activeKeys(soundKeys(root.onlineKeys)),
  );
  if (checkpoint.rootVersion !== root.version) throw refused("its checkpoint is not of its newest root");
  requireForward(o.seen.checkpoint, checkpoint);
  for (const [what, { expiresAt }] of Object.entries({ checkpoint, root })) {
    if (Date.parse(expiresAt) + o.stalenessMs <= o.now.getTime()) {
      throw refused(`its ${what} ran out at ${expiresAt}, longer ago than is allowed`);
    }
  }
  if (sha256Hex(canonicalJson(head.revocations)) !== checkpoint.revocationsHash) {
    throw refused("its revocations are not those that its checkpoint names");
  }

  const origin = o.seen.origin ?? sha256Hex(canonicalJson(await verifyRoot(o.seen.root)));
  const place = { seq: checkpoint.seq, logHead: checkpoint.logHead };

  async function* releases() {
    for await (const line of lines) {
      const { plugin, version, signatures, tarball: text } = parse(BundledRelease, line, "a release in it");
      if (signatures.proof.checkpoint !== head.checkpoint)
        throw refused(`${plugin} ${version} is of another time`);
      const tarball = Buffer.from(text, "base64");
      const trust = { onlineKeys: root.onlineKeys };
      const release = await verifyRelease({ tarball, signatures, trust, expected: { id: plugin, version } });
      yield { release, signatures, tarball };
    }
  }

  const seen = { root: signed, origin, checkpoint: place };
  return { root, origin, checkpoint, revocations: head.revocations, seen, releases };
}

async function followRoots(
  roots: SignedRoot[],
  from: SignedRoot,
): Promise<{ root: Root; signed: SignedRoot }> {
  let signed = from;
  let root = await verifyRoot(from);
  if (roots.length < root.version)
    throw refused(`it ends with root ${roots.length}; root ${root.version} is trusted`);
  for (const next of roots.slice(root.version)) {
    root = await verifyRoot(next, root);
    signed = next;
  }
  return { root, signed };
}

function requireForward(seen: SeenUpstream["checkpoint"], checkpoint: Checkpoint): void {
  if (!seen) return;
  if (checkpoint.seq < seen.seq)
    throw refused(`it is of place ${checkpoint.seq}; place ${seen.seq} has been seen`);
  if (checkpoint.seq === seen.seq && checkpoint.logHead !== seen.logHead) {
    throw refused(`it has another log up to place ${seen.seq} than the one that has been seen`);
  }
}

/** A release of the largest kind, in base64 and with its statements. */
const longestLine = 48 * 1024 * 1024;

async function* readLines(file: string): AsyncGenerator<string, undefined> {
  const source = createReadStream(file);
  const unpacked = createGunzip();
  source.once("error", (error) => unpacked.destroy(error));
  const input = Readable.from(withLinesCapped(source.pipe(unpacked)), { objectMode: false });
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  } catch (error) {
    throw error instanceof BundleError ? error : refused("it cannot be unpacked");
  }
  return undefined;
}

/** What unpacks to more than any line may have is a bomb, and is not held in memory. */
async function* withLinesCapped(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
  let length = 0;
  for await (const chunk of chunks) {
    const end = chunk.lastIndexOf(0x0a);
    length = end < 0 ? length + chunk.length : chunk.length - end - 1;
    if (length > longestLine) throw refused("it has a line that is longer than any may be");
    yield chunk;
  }
}

function parse<Schema extends TSchema>(schema: Schema, line: string | undefined, what: string) {
  let value: unknown;
  try {
    value = JSON.parse(line ?? "");
  } catch {
    throw refused(`${what} is not JSON`);
  }
  if (Check(schema, value)) return value;
  throw refused(`${what} has not the form that it should have`);
}

function refused(why: string): BundleError {
  return new BundleError(`The bundle is not believed: ${why}.`);
}
