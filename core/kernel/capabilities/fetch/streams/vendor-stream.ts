import type { Scrubber } from "@plugboard/plugin-sdk/exchange";
import { CapabilityError } from "../../errors.ts";
import type { Clock } from "../clock.ts";
import { EgressLimitReached, type EgressLimits } from "../limits.ts";
import type { ScrubPool } from "../scrub-pool.ts";
import type { Dialled } from "./dial.ts";
import { createInbox } from "./inbox.ts";
import { watchSilence } from "./silence.ts";
import { brokenOff, closedBy, StreamEnded } from "./stream-ended.ts";

/** A message as it crosses into the plugin's sandbox and back. */
export type CarriedMessage = string | { base64: string };

/** A socket of a vendor's that is open. Nothing that comes out of it holds the credential. */
export interface VendorStream {
  /**
   * What has come since, in its order; waits for the first. What is returned counts as held until the next call.
   * @throws CapabilityError why nothing more comes, once all that had come was taken
   */
  next(): Promise<CarriedMessage[]>;
  /** Resolves when the system has taken them, and counts them as held until then. @throws CapabilityError why the stream has ended */
  send(messages: readonly CarriedMessage[]): Promise<void>;
  /** Says goodbye where that was not said, and gives up what is held. Must be called in every case. */
  close(): void;
  /** Asks for a fresh credential after the vendor has closed because of this one. @returns whether there is another one now */
  renewCredential(): Promise<boolean>;
  /** Whether the connection's credential is still the one that this was opened with. */
  hasCurrentCredential(): Promise<boolean>;
  /** Bytes and messages so far. */
  readonly counts: { received: number; sent: number; lastMessageAt: number | undefined };
}

export interface StreamParts {
  dialled: Dialled;
  host: string;
  connectionId: string;
  scrubber: () => Scrubber;
  scrubPool: ScrubPool;
  allowsBinary: boolean;
  limits: EgressLimits;
  clock: Clock;
  hold: Parameters<typeof createInbox>[0]["hold"];
  credential: Pick<VendorStream, "renewCredential" | "hasCurrentCredential">;
  /** Hears of what goes over it. Must not throw. */
  observe: StreamObserver;
}

export interface StreamObserver {
  moved(direction: "received" | "sent", bytes: number): void;
  paused(why: "full" | "fast"): void;
  /** Once. `code`: of the table of capabilities' errors, or `ok` where this side ended it. */
  ended(code: CapabilityError["code"] | "ok", limit?: EgressLimitReached["limit"]): void;
}

export function openVendorStream(parts: StreamParts): VendorStream {
  const { host, connectionId, scrubPool, allowsBinary, limits, clock, observe } = parts;
  const { socket, raw } = parts.dialled;
  const counts: VendorStream["counts"] = { received: 0, sent: 0, lastMessageAt: undefined };
  let ended: CapabilityError | undefined;
  let wake = () => {};

  const silence = watchSilence({
    clock,
    silenceMs: limits.streamSilenceMs,
    ping: () => socket.ping(() => {}),
    isReading: () => !socket.isPaused,
    unfinishedSince: () => inbox.unfinishedSince,
    give: (why) =>
      end(
        new StreamEnded("stream-silent", silent[why](host, limits.streamSilenceMs), {
          limit: "streamSilenceMs",
        }),
      ),
  });
  const inbox = createInbox({
    limits,
    clock,
    hold: parts.hold,
    flow: {
      pause(why) {
        socket.pause();
        observe.paused(why);
      },
      resume() {
        silence.heard();
        socket.resume();
      },
    },
  });

  /** @param error none: from this side */
  function end(error: CapabilityError, isOurs = false): void {
    if (ended) return;
    ended = error;
    silence.stop();
    const isOfLimit = error instanceof EgressLimitReached || error instanceof StreamEnded;
    observe.ended(isOurs ? "ok" : error.code, isOfLimit ? error.limit : undefined);
    if (isOurs) socket.close(1000);
    else socket.terminate();
    wake();
  }

  /** What is over a limit ends the stream: it cannot be left out. */
  function counted(work: () => void): void {
    if (ended) return;
    try {
      work();
    } catch (error) {
      end(error instanceof CapabilityError ? error : brokenOff(error, host));
    }
  }

  raw.prependListener("data", (chunk: Buffer) => counted(() => inbox.arriving(chunk.length)));
  socket.on("message", (data: Buffer, isBinary) =>
    counted(() => {
      silence.heard();
      observe.moved("received", data.length);
      counts.received++;
      counts.lastMessageAt = clock.now();
      if (isBinary && !allowsBinary)
        throw new StreamEnded(
          "stream-binary-not-granted",
          `${host} sent a binary message, which needs the permission "binary".`,
        );
      // A copy of its own: a few bytes would keep all the memory that they were read into.
      inbox.put({ bytes: Buffer.from(new Uint8Array(data).buffer), isBinary });
      wake();
    }),
  );
  socket.on("ping", (data) => {
    silence.heard();
    // Who does not read the answers gets no more of them.
    if (socket.bufferedAmount < mostUnsentBytes) socket.pong(data, true, () => {});
    counted(() => inbox.note(data.length));
  });
  socket.on("pong", (data) => {
    silence.heard();
    counted(() => inbox.note(data.length));
  });
  socket.on("error", (error) => end(brokenOff(error, host)));
  socket.on("close", (code, reason) => {
    if (code === 1005 || code === 1006) brokeOff();
    else end(closedBy(host, { code, reason: shown(reason.toString()) }));
  });
  const brokeOff = () => end(new StreamEnded("stream-closed", `${host} broke off the stream.`));
  if (socket.readyState === socket.OPEN) socket.resume();
  else queueMicrotask(brokeOff);

  /** Without what a database does not store, or a log line does not show. */
  function shown(reason: string): string {
    return parts
      .scrubber()
      .text(reason)
      .replaceAll(/\p{Cc}/gu, " ");
  }

  async function clean({ bytes, isBinary }: { bytes: Buffer; isBinary: boolean }): Promise<CarriedMessage> {
    const scrubbed = Buffer.from(await scrubPool.scrub(bytes, parts.scrubber(), connectionId));
    return isBinary ? { base64: scrubbed.toString("base64") } : scrubbed.toString();
  }

  async function sendOne(message: CarriedMessage): Promise<void> {
    if (ended) throw ended;
    const data = typeof message === "string" ? message : Buffer.from(message.base64, "base64");
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const done = silence.expect();
    socket.send(data, (error) => (error ? reject(ended ?? brokenOff(error, host)) : resolve()));
    await promise.finally(done);
    counts.sent++;
    observe.moved("sent", Buffer.byteLength(data));
  }

  return {
    counts,
    ...parts.credential,
    async next() {
      for (;;) {
        const arrived = inbox.take();
        if (arrived.length > 0) {
          const messages: CarriedMessage[] = [];
          for (const one of arrived) messages.push(await clean(one));
          return messages;
        }
        if (ended) throw ended;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    async send(messages) {
      // What takes nothing is not refused either, however much others hold.
      if (messages.length === 0) return;
      const sending = parts.hold();
      try {
        counted(() => sending.grow(messages.reduce((sum, message) => sum + bytesOf(message), 0)));
        for (const message of messages) await sendOne(message);
      } finally {
        sending.release();
      }
    },
    close() {
      end(new CapabilityError("fetch-aborted", "The host closed the stream."), true);
      inbox.close();
    },
  };
}

/** As it crossed: while it is sent there is a copy of it beside. */
const bytesOf = (message: CarriedMessage): number =>
  typeof message === "string" ? Buffer.byteLength(message) : message.base64.length;

/** Answers to pings that the vendor has not taken yet. */
const mostUnsentBytes = 64 * 1024;

const silent = {
  silent: (host: string, ms: number) => `Nothing was heard from ${host} for ${ms} ms.`,
  unfinished: (host: string, ms: number) => `${host} began a message and did not end it within ${ms} ms.`,
};
