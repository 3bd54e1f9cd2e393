import type { Server, ServerResponse } from "node:http";

/** How long a client may take for an answer that is ready for it: so long, and more for each byte. */
export interface ReaderPatience {
  graceMs: number;
  bytesPerSecond: number;
}

export const defaultPatience: ReaderPatience = { graceMs: 30_000, bytesPerSecond: 64 * 1024 };

/**
 * Ends clients that do not take their answers: what they have not taken stays in memory, and Node would keep it for ever.
 * An answer without a length that is still being made, such as a stream of events, may take as long as it likes.
 *
 * @param inFlight the answers that are not through
 */
export function endSlowReaders(
  server: Server,
  inFlight: Iterable<ServerResponse>,
  patience: ReaderPatience,
): void {
  endAfterLast(server, patience);
  endBetween(server, inFlight, patience);
}

/** All of the answer is there, and in memory. */
function endAfterLast(server: Server, { graceMs, bytesPerSecond }: ReaderPatience): void {
  server.on("request", (_request, response: ServerResponse) => {
    response.once("prefinish", () => {
      const leftBytes = response.socket?.writableLength ?? 0;
      // The system has taken all of it, as nearly always.
      if (leftBytes === 0) return;
      const timer = setTimeout(() => response.destroy(), graceMs + (leftBytes / bytesPerSecond) * 1000);
      response.once("close", () => clearTimeout(timer));
    });
  });
}

/**
 * An answer that is made while it is taken, such as a file, is looked at now and again: whoever had something waiting from
 * one look to the next must have taken as much as that time is good for.
 */
function endBetween(
  server: Server,
  inFlight: Iterable<ServerResponse>,
  { graceMs, bytesPerSecond }: ReaderPatience,
): void {
  const leastBytes = (graceMs / 1000) * bytesPerSecond;
  /** What those that had something waiting had taken by the last look. */
  let takenBefore = new Map<ServerResponse, number>();
  const timer = setInterval(() => {
    const taken = new Map<ServerResponse, number>();
    for (const response of inFlight) {
      if (!isWaitedFor(response)) continue;
      const bytes = takenBytes(response);
      if (bytes - (takenBefore.get(response) ?? Number.NEGATIVE_INFINITY) < leastBytes) response.destroy();
      else taken.set(response, bytes);
    }
    takenBefore = taken;
  }, graceMs).unref();
  server.once("close", () => clearInterval(timer));
}

/** One that stands behind another on its connection has no socket yet: nobody could take anything of it. */
function isWaitedFor(response: ServerResponse): boolean {
  if (!response.socket) return false;
  return response.writableNeedDrain && !response.writableEnded && response.hasHeader("content-length");
}

function takenBytes({ socket }: ServerResponse): number {
  return socket ? socket.bytesWritten - socket.writableLength : 0;
}
