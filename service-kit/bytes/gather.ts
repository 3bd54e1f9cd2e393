/** The room that is made when a second piece comes. */
const firstBytes = 16 * 1024;

export interface Gathering {
  add(piece: Uint8Array): void;
  /** All that was added, to be asked for once. */
  whole(): Buffer;
}

/**
 * Puts pieces together as they come. To keep them and join them in the end costs some hundred bytes of memory for each,
 * and who sends decides how many there are: ten megabytes in pieces of one byte would take gigabytes.
 *
 * @param maxBytes never exceeded by what is added: the caller has counted it
 */
export function gatherBytes(maxBytes: number): Gathering {
  let held: Buffer | undefined;
  let size = 0;
  return {
    add(piece) {
      // Nearly always there is one only, which need not be copied.
      if (!held) {
        held = Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength);
        size = piece.length;
        return;
      }
      if (piece.length > held.length - size) {
        const room = Math.max(size + piece.length, Math.min(maxBytes, Math.max(2 * held.length, firstBytes)));
        const larger = Buffer.allocUnsafeSlow(room);
        held.copy(larger, 0, 0, size);
        held = larger;
      }
      held.set(piece, size);
      size += piece.length;
    },
    whole: () => held?.subarray(0, size) ?? Buffer.alloc(0),
  };
}
