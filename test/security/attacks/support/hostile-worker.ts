/**
 * For tests alone: a thread that is the attacker's altogether. Its input is code, which speaks the protocol as it likes:
 * a function body with `port`, `call` (its number), `board`, `answer(result)` and `use(message)`, which gives the reply.
 */
import type { MessagePort } from "node:worker_threads";
import { BOARD, type CallTask, type HostMessage, type LoadTask } from "../../../../sandbox/messages.ts";

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor as FunctionConstructor;

export default function runTask(load: LoadTask): Promise<never> {
  const port = load.port as MessagePort;
  let onReply = (_reply: unknown): void => {};

  const obey = async ({ call, input }: CallTask): Promise<void> => {
    load.board[BOARD.call] = call;
    const answer = (result: unknown) => port.postMessage([{ type: "result", call, result }]);
    const use = (message: object) =>
      new Promise((resolve) => {
        onReply = resolve;
        port.postMessage([{ type: "use", call, use: 1, argument: { text: "1", bytes: [] }, ...message }]);
      });
    const orders = AsyncFunction("port", "call", "board", "answer", "use", JSON.parse(input) as string);
    await orders(port, call, load.board, answer, use);
  };

  port.on("message", (batch: HostMessage[]) => {
    for (const message of batch)
      if (message.type === "call") void obey(message);
      else if (message.type === "ping") load.board[BOARD.beat] = message.beat;
      else if (message.type === "reply") onReply(message);
  });
  port.postMessage([{ type: "ready" }]);
  return new Promise(() => {});
}
