/**
 * For tests alone: a thread with its permission flags and without its compartments. What the plugin's code cannot do
 * here, it cannot do after it slipped out of one. `evaluateBare` also leaves the globals and the loader as Node gives
 * them, to show what the flags are worth by themselves.
 */

import type { Task, TaskResult } from "../../messages.ts";
import { natives } from "../../worker/natives.ts";
import { scuttle } from "../../worker/scuttle.ts";

const { process } = natives;
const NativeFunction = Function;
let exports: { default?: { actions: Record<string, { run(argument: unknown): unknown }> } } = {};

export default async function runTask(task: Task): Promise<TaskResult | true> {
  if (task.type === "load") {
    if (!task.plugin.id.endsWith("/bare")) scuttle();
    const module = { exports };
    NativeFunction("module", "exports", "realProcess", task.plugin.code)(module, exports, process);
    exports = module.exports;
    return true;
  }
  if (task.type === "describe") throw new Error("Not here.");
  const output = await exports.default?.actions[task.name]?.run({ input: JSON.parse(task.input) });
  return { ok: true, output: JSON.stringify(output) ?? "null", sent: 0 };
}
