import { type MessagePort, receiveMessageOnPort } from "node:worker_threads";
import { BOARD, type HostMessage, type ThreadMessage } from "../messages.ts";
import { natives } from "./natives.ts";

/** The thread's end of the channel to the host. */
export interface HostPort {
  /** Code of a call is about to run that no message brought about. */
  beginTurn(): void;
  /** Goes with all else that this turn of the event loop has for the host: it is lost if code here never returns. */
  post(message: ThreadMessage): void;
  /** Goes now, after what waits. */
  postNow(message: ThreadMessage): void;
}

/**
 * Opens that end. Messages come many at a time, and each gets a turn of its own: the promises that it settles have run
 * before the next is handled, so that the board names the right call when one does not return.
 */
export function openHostPort(o: {
  port: MessagePort;
  board: Int32Array;
  handle(message: HostMessage): void;
  /** Whether no call is in flight: then nothing but a message can be next. */
  isIdle(): boolean;
  /** The turn is over, and no code of a call runs until the next message or timer. */
  onRest?(): void;
}): HostPort {
  const { port, board, handle, isIdle, onRest = () => {} } = o;
  let outbox: ThreadMessage[] = [];
  let waiting = 0;
  let turns = 0;
  let goingToSleep = false;

  const flush = () => {
    if (outbox.length === 0) return;
    const batch = outbox;
    outbox = [];
    port.postMessage(batch);
    if (goingToSleep || !isIdle()) return;
    goingToSleep = true;
    natives.setImmediate(sleep);
  };

  const endTurn = () => {
    flush();
    onRest();
  };

  const beginTurn = () => {
    turns += 1;
    board[BOARD.turn] = turns;
  };
  const handleInTurn = (message: HostMessage) => {
    waiting -= 1;
    beginTurn();
    handle(message);
  };
  const take = (batch: HostMessage[]) => {
    const [first] = batch;
    if (first && batch.length === 1 && waiting === 0) {
      beginTurn();
      return handle(first);
    }
    waiting += batch.length;
    for (const message of batch) natives.setImmediate(handleInTurn, message);
  };

  /** A thread that sleeps here wakes in about half the time that its event loop takes. */
  const sleep = () => {
    goingToSleep = false;
    while (isIdle() && waiting === 0) {
      const letters = Atomics.load(board, BOARD.letters);
      const next = receiveMessageOnPort(port);
      if (next) take(next.message);
      else {
        onRest();
        Atomics.wait(board, BOARD.letters, letters);
      }
    }
  };

  port.on("message", take);

  return {
    beginTurn,
    post(message) {
      const first = outbox.push(message) === 1;
      if (isIdle() && waiting === 0) flush();
      else if (first) natives.setImmediate(endTurn);
    },
    postNow(message) {
      outbox.push(message);
      flush();
    },
  };
}
