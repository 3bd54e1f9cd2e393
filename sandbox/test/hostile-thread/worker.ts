/** For tests alone: a thread without walls that does to the host whatever the test says. */
import type { MessagePort } from "node:worker_threads";
import { BOARD, type CallTask, type HostMessage, type LoadTask } from "../../messages.ts";

interface Orders {
  /** Posted as they are, in one message; then the task is answered. */
  post?: unknown[];
  answer?: unknown;
  /** Answers with this text as output: `text` repeated, for what does not fit into an input. */
  output?: { open: string; close: string; times: number };
  /** Uses a capability of this name, and answers with what came back. */
  use?: string;
}

let port: MessagePort;
let onReply = (_reply: object): void => {};

export default function runTask(load: LoadTask): void {
  port = load.port as MessagePort;
  port.on("message", (batch: HostMessage[]) => {
    for (const message of batch) {
      if (message.type === "call") obey(message, load.board);
      else if (message.type === "ping") load.board[BOARD.beat] = message.beat;
      else if (message.type === "reply") onReply(message);
    }
  });
  port.postMessage([{ type: "ready" }]);
}

async function obey(task: CallTask, board: Int32Array): Promise<void> {
  board[BOARD.call] = task.call;
  const orders = JSON.parse(task.input) as Orders;
  if (orders.post) port.postMessage(orders.post);
  const result = await answerTo(orders, task.call);
  port.postMessage([{ type: "result", call: task.call, result }]);
}

async function answerTo(orders: Orders, call: number): Promise<unknown> {
  if (orders.output) {
    const { open, close, times } = orders.output;
    return { ok: true, output: open.repeat(times) + close.repeat(times) };
  }
  if (orders.use === undefined) return orders.answer;
  const reply = new Promise<object>((resolve) => {
    onReply = resolve;
  });
  const argument = { text: "1", bytes: [] };
  port.postMessage([{ type: "use", call, use: 1, name: orders.use, argument }]);
  const { ok, error } = (await reply) as { ok?: boolean; error?: { code?: string } };
  return { ok: true, output: JSON.stringify({ ok, code: error?.code }) };
}
