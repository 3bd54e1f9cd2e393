import { createStreamScrubber, type FileTarget, type Scrubber } from "@plugboard/plugin-sdk/exchange";
import type { Buffered } from "./buffers.ts";
import type { ScrubPool } from "./scrub-pool.ts";
import type { BodySink, VendorHead } from "./send/index.ts";

/** The body of one attempt's reply on its way into a file. */
export interface Incoming {
  /** For the sender: a successful reply goes into the file, any other is read as ever. */
  sink(head: VendorHead): BodySink | undefined;
  /** Gives the file what was held back. To be called when the reply is whole. */
  end(): Promise<void>;
  /** Decompressed, as the vendor sent it. */
  readonly bytes: number;
}

/** Of what comes in, so much at most is in memory: what is looked through for secrets, and the copy that comes back. */
const windows = 2;

/**
 * Takes a body in piece by piece, without the secrets. The vendor is held back while a piece is looked through and written.
 * @param buffered counts what is in memory meanwhile
 */
export function openIncoming(o: {
  into: FileTarget;
  scrubber: Scrubber;
  scrubPool: ScrubPool;
  /** Whose body it is, for the pool. */
  queue: string;
  buffered: Buffered;
}): Incoming {
  const { into, scrubber, scrubPool, queue, buffered } = o;
  const scrubbing = createStreamScrubber(scrubber, (bytes) => scrubPool.scrub(bytes, scrubber, queue));
  let begun: ReturnType<FileTarget["begin"]> | undefined;
  let bytes = 0;
  let counted = 0;

  function count(): void {
    const holds = windows * scrubbing.heldBytes;
    if (holds > counted) {
      buffered.grow(holds - counted);
      counted = holds;
    }
  }

  return {
    get bytes() {
      return bytes;
    },
    sink({ status, headers }) {
      if (status < 200 || status > 299) return undefined;
      const beginning = into.begin({ headers });
      // Whoever takes the first piece, or the end, hears of it.
      beginning.catch(() => {});
      begun = beginning;
      return async (piece) => {
        const write = await beginning;
        bytes += piece.length;
        const clean = scrubbing.push(piece);
        // There may be no room for it; then nobody waits for it.
        clean.catch(() => {});
        count();
        await passOn(await clean, write);
      };
    },
    async end() {
      if (!begun) return;
      const write = await begun;
      await passOn(await scrubbing.end(), write);
    },
  };
}

async function passOn(clean: Uint8Array, write: (bytes: Uint8Array) => Promise<void>): Promise<void> {
  if (clean.length > 0) await write(clean);
}
