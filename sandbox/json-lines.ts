import type { Socket } from "node:net";
import { hasMorePartsThan } from "./json-parts.ts";

/** Values as lines of JSON, both ways over one socket. */
export interface JsonLines {
  /** @param text JSON without a line break, as JSON.stringify makes it */
  send(text: string): void;
  close(): void;
}

const LINE_FEED = 0x0a;
/** Lines up to this length are parsed as they are; most have a hundred bytes. */
const SHORT_BYTES = 2 ** 20;
const NOTHING = Buffer.alloc(0);

/**
 * The channel between the host and a process that may not be ours any more. Not Node's own (`ipc`): that one ends the
 * host for a line that is no JSON or that looks like Node's own protocol, keeps a line without end, and takes open files.
 *
 * `onNonsense` comes once, for a line that is no JSON, longer than `maxBytes`, or long and of more than `maxParts` values;
 * nothing comes after it.
 */
export function openJsonLines(
  socket: Socket,
  o: { maxBytes: number; maxParts?: number; onValue(value: unknown): void; onNonsense(why: string): void },
): JsonLines {
  /** The beginning of a line. Copied: a chunk of one byte lies in a buffer of 64 KiB, and keeps all of it. */
  let held = NOTHING;
  let heldBytes = 0;
  let isOpen = true;

  const close = () => {
    isOpen = false;
    held = NOTHING;
    socket.destroy();
  };
  const refuse = (why: string) => {
    close();
    o.onNonsense(why);
  };
  const hold = (part: Buffer) => {
    const bytes = heldBytes + part.length;
    if (bytes > held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytes, Math.min(2 * held.length, o.maxBytes)));
      held.copy(larger, 0, 0, heldBytes);
      held = larger;
    }
    part.copy(held, heldBytes);
    heldBytes = bytes;
  };
  /** What is held, as a line. */
  const release = (): Buffer => {
    const line = held.subarray(0, heldBytes);
    held = NOTHING;
    heldBytes = 0;
    return line;
  };
  const take = (line: Buffer) => {
    if (line.length > SHORT_BYTES && o.maxParts !== undefined && hasMorePartsThan(line, o.maxParts))
      return refuse(`a line of more than ${o.maxParts} values`);
    let value: unknown;
    try {
      value = JSON.parse(line.toString());
    } catch {
      return refuse("a line that is no JSON");
    }
    o.onValue(value);
  };

  socket.on("data", (chunk: Buffer) => {
    let from = 0;
    while (isOpen) {
      const end = chunk.indexOf(LINE_FEED, from);
      const part = chunk.subarray(from, end < 0 ? undefined : end);
      if (heldBytes + part.length > o.maxBytes) return refuse(`a line of more than ${o.maxBytes} bytes`);
      from = end + 1;
      if (end >= 0 && heldBytes === 0) take(part);
      else {
        hold(part);
        if (end < 0) return;
        take(release());
      }
    }
  });
  // The other side may be gone already; its end says so.
  socket.on("error", () => {});

  return {
    send(text) {
      if (isOpen && socket.writable) socket.write(`${text}\n`);
    },
    close,
  };
}
