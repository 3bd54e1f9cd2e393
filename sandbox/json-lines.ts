import type { Socket } from "node:net";

/** Values as lines of JSON, both ways over one socket. */
export interface JsonLines {
  /** @param text JSON without a line break, as JSON.stringify makes it */
  send(text: string): void;
  close(): void;
}

const LINE_FEED = 0x0a;

/**
 * The channel between the host and a process that may not be ours any more. Not Node's own (`ipc`): that one ends the
 * host for a line that is no JSON or that looks like Node's own protocol, keeps a line without end, and takes open files.
 *
 * `onNonsense` comes once, for a line that is no JSON or longer than `maxBytes`; nothing comes after it.
 */
export function openJsonLines(
  socket: Socket,
  o: { maxBytes: number; onValue(value: unknown): void; onNonsense(why: string): void },
): JsonLines {
  let parts: Buffer[] = [];
  let heldBytes = 0;
  let isOpen = true;

  const close = () => {
    isOpen = false;
    parts = [];
    socket.destroy();
  };
  const refuse = (why: string) => {
    close();
    o.onNonsense(why);
  };
  const take = (line: string) => {
    let value: unknown;
    try {
      value = JSON.parse(line);
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
      heldBytes += part.length;
      if (heldBytes > o.maxBytes) return refuse(`a line of more than ${o.maxBytes} bytes`);
      if (end < 0) {
        if (part.length > 0) parts.push(part);
        return;
      }
      const line = parts.length > 0 ? Buffer.concat([...parts, part]) : part;
      parts = [];
      heldBytes = 0;
      from = end + 1;
      take(line.toString());
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
