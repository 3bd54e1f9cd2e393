/**
 * For tests alone: a thread with its permission flags and without its compartments. What the plugin's code cannot do
 * here, it cannot do after it slipped out of one. `evaluateBare` also leaves the globals and the loader as Node gives
 * them, to show what the flags are worth by themselves.
 */
import type { MessagePort } from "node:worker_threads";
import type { CallTask, HostMessage, LoadTask } from "../../messages.ts";
import { openHostPort } from "../../worker/host-port.ts";
import { natives } from "../../worker/natives.ts";
import { scuttle } from "../../worker/scuttle.ts";

const { process } = natives;
const NativeFunction = Function;
type Exports = { default?: { actions: Record<string, { run(argument: unknown): unknown }> } };

export default function runTask({ plugin, port, board }: LoadTask): void {
  const isIdle = () => false;
  const handle = (message: HostMessage) => void (message.type === "call" && answer(message));
  const host = openHostPort({ port: port as MessagePort, board, handle, isIdle });
  if (!plugin.id.endsWith("/bare")) scuttle();
  const module: { exports: Exports } = { exports: {} };
  NativeFunction("module", "exports", "realProcess", plugin.code)(module, module.exports, process);

  const answer = async ({ call, name, input }: CallTask) => {
    const output = await module.exports.default?.actions[name]?.run({ input: JSON.parse(input) });
    host.post({ type: "result", call, result: { ok: true, output: JSON.stringify(output) ?? "null" } });
  };
  host.post({ type: "ready" });
}
