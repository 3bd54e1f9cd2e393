/**
 * What the thread runs. The order of the imports is the first wall: what Node gives is put aside, then the
 * intrinsics are frozen, then the rest is loaded, and at last the globals are taken away.
 */
import "./natives.ts";
import "./lockdown.ts";
import type { Task, TaskResult } from "../messages.ts";
import { createRunner, type Runner } from "./runner.ts";
import { scuttle } from "./scuttle.ts";

scuttle();

let runner: Runner | undefined;

/** tinypool calls this once per task. The first task loads the plugin; the host sees to the order. */
export default function runTask(task: Task): TaskResult | Promise<TaskResult> | true {
  if (task.type === "load") {
    runner = createRunner(task);
    return true;
  }
  if (!runner) throw new Error("A task came before the plugin was loaded.");
  return task.type === "call" ? runner.call(task) : runner.describe(task);
}
