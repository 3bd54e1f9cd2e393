/** Takes secrets out of a body that comes in pieces, also where one stands across them. */
export interface StreamScrubber {
  /** @returns what is certain to hold none; little or nothing where it is not known yet */
  push(piece: Buffer): Promise<Uint8Array>;
  /** @returns the rest */
  end(): Promise<Uint8Array>;
  /** What it holds in memory. */
  readonly heldBytes: number;
}

/** What is looked through at a time; what was looked through with the pieces before is looked through again. */
const windowBytes = 512 * 1024;

/** Written in escapes of escapes, and in lines, a secret is so many times as long, and mostly far less. */
const longestForm = 24;
const leastOverlap = 64 * 1024;
const nothing = new Uint8Array(0);

/**
 * So much of what came last is held back as a secret can take that is not whole yet. What is held back has been cleaned of
 * the secrets that are whole, so none is cut by where a window ends.
 *
 * @param scrub takes secrets out of bytes, as a Scrubber does
 */
export function createStreamScrubber(
  { secrets }: { secrets: readonly string[] },
  scrub: (bytes: Buffer) => Promise<Uint8Array>,
): StreamScrubber {
  const longest = Math.max(0, ...secrets.map((secret) => Buffer.byteLength(secret)));
  const overlap = Math.max(leastOverlap, longest * longestForm);
  let held: Uint8Array[] = [];
  let heldBytes = 0;

  function keep(bytes: Uint8Array): void {
    held = bytes.length > 0 ? [bytes] : [];
    heldBytes = bytes.length;
  }

  return {
    get heldBytes() {
      return heldBytes;
    },
    async push(piece) {
      if (longest === 0) return piece;
      held.push(piece);
      heldBytes += piece.length;
      if (heldBytes < overlap + windowBytes) return nothing;
      const clean = await scrub(Buffer.concat(held));
      const certain = Math.max(0, clean.length - overlap);
      keep(clean.subarray(certain));
      return clean.subarray(0, certain);
    },
    async end() {
      const clean = heldBytes === 0 ? nothing : await scrub(Buffer.concat(held));
      keep(nothing);
      return clean;
    },
  };
}
