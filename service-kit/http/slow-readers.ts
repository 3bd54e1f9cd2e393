import type { Server, ServerResponse } from "node:http";

/** How long a client may take for an answer that is ready for it: so long, and more for each byte. */
export interface ReaderPatience {
  graceMs: number;
  bytesPerSecond: number;
}

export const defaultPatience: ReaderPatience = { graceMs: 30_000, bytesPerSecond: 64 * 1024 };

/**
 * Ends clients that do not take their answers: what they have not taken stays in memory, and Node would keep it for ever.
 * An answer that is still being made, such as a stream of events, may take as long as it likes.
 */
export function endSlowReaders(server: Server, { graceMs, bytesPerSecond }: ReaderPatience): void {
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
