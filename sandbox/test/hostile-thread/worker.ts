/** For tests alone: a thread without walls that does to the host whatever the test says. */
import type { MessagePort } from "node:worker_threads";
import { BOARD, type Task, type ToWorker } from "../../messages.ts";

interface Orders {
  /** Posted as they are; then the task is answered. */
  post?: unknown[];
  answer?: unknown;
  /** Answers with this text as output: `text` repeated, for what does not fit into an input. */
  output?: { open: string; close: string; times: number };
  /** Uses a capability of this name, and answers with what came back. */
  use?: string;
}

let port: MessagePort;
let board: Int32Array;

export default async function runTask(task: Task): Promise<unknown> {
  if (task.type === "load") {
    port = task.port as MessagePort;
    board = task.board;
    board[BOARD.loaded] = 1;
    return true;
  }
  board[BOARD.call] = task.call;
  const orders = JSON.parse("input" in task ? task.input : "{}") as Orders;
  for (const message of orders.post ?? []) port.postMessage(message);
  if (orders.output) {
    const { open, close, times } = orders.output;
    return { ok: true, output: open.repeat(times) + close.repeat(times), sent: 0 };
  }
  if (orders.use === undefined) return orders.answer;
  const reply = new Promise<ToWorker>((resolve) => {
    port.on("message", (message: ToWorker) => message.type === "reply" && resolve(message));
  });
  port.postMessage({
    type: "use",
    call: task.call,
    use: 1,
    name: orders.use,
    argument: { text: "1", bytes: [] },
  });
  const { ok, error } = (await reply) as { ok?: boolean; error?: { code?: string } };
  return { ok: true, output: JSON.stringify({ ok, code: error?.code }), sent: 1 };
}
