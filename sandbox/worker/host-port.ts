import type { MessagePort } from "node:worker_threads";
import type { HostMessage, ThreadMessage } from "../messages.ts";
import { natives } from "./natives.ts";

/** The thread's end of the channel to the host. */
export interface HostPort {
  /** Goes with all else that this turn of the event loop has for the host: it may be lost if code here never returns. */
  post(message: ThreadMessage): void;
  /** Goes now, after what waits. */
  postNow(message: ThreadMessage): void;
}

/**
 * Opens that end. Messages come many at a time, and each gets a turn of its own: the promises that it settles have run
 * before the next is handled, so that the board names the right call when one does not return.
 */
export function openHostPort(port: MessagePort, handle: (message: HostMessage) => void): HostPort {
  let outbox: ThreadMessage[] = [];
  let waiting = 0;

  const flush = () => {
    if (outbox.length === 0) return;
    const batch = outbox;
    outbox = [];
    port.postMessage(batch);
  };
  const handleInTurn = (message: HostMessage) => {
    waiting -= 1;
    handle(message);
  };

  port.on("message", (batch: HostMessage[]) => {
    const [first] = batch;
    if (first && batch.length === 1 && waiting === 0) return handle(first);
    waiting += batch.length;
    for (const message of batch) natives.setImmediate(handleInTurn, message);
  });

  return {
    post(message) {
      if (outbox.push(message) === 1) natives.setImmediate(flush);
    },
    postNow(message) {
      outbox.push(message);
      flush();
    },
  };
}
