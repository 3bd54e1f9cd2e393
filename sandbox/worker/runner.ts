import type { MessagePort } from "node:worker_threads";
import {
  BOARD,
  type CallTask,
  type DescribeTask,
  decode,
  encode,
  type LoadTask,
  type TaskFailure,
  type TaskResult,
  type ToWorker,
} from "../messages.ts";
import { type ActiveCall, callOfTheMoment, createCall, type HostLink } from "./call.ts";
import { evaluatePlugin } from "./compartment.ts";
import { AbortController } from "./endowments/abort.ts";
import { codedError } from "./endowments/coded-error.ts";
import { createFetch } from "./endowments/fetch.ts";
import { createEndowments, type Endowments } from "./endowments/index.ts";
import { createLog } from "./endowments/log.ts";
import { natives } from "./natives.ts";
import { findNotPlain } from "./plain.ts";
import { describeExports, findTarget } from "./targets.ts";
import { createTenants } from "./tenants.ts";
import { describeThrown } from "./thrown.ts";

/** What runs in the thread once the plugin is loaded. */
export interface Runner {
  call(task: CallTask): Promise<TaskResult>;
  describe(task: DescribeTask): TaskResult;
}

export function createRunner(load: LoadTask): Runner {
  const { plugin, limits, board } = load;
  const port = load.port as MessagePort;
  const host: HostLink = {
    limits,
    post: (message) => port.postMessage(message),
    mark: (call) => {
      board[BOARD.call] = call;
    },
  };
  const endowments = createEndowments({ binary: plugin.binary });
  const tenants = createTenants(plugin, endowments, limits.compartments);
  const source = `${plugin.id}@${plugin.version}`;
  const calls = new Map<number, ActiveCall>();
  /** Calls that the host ended before their task arrived here. */
  const endedEarly = new Set<number>();

  port.on("message", (message: ToWorker) => {
    if (message.type === "ping") board[BOARD.beat] = message.beat;
    else if (message.type === "collect") natives.collectGarbage();
    else if (message.type === "reply") calls.get(message.call)?.settle(message);
    else if (calls.has(message.call)) calls.get(message.call)?.end();
    else endedEarly.add(message.call);
  });

  const fail = (failure: TaskFailure, reason: unknown, sent = 0): TaskResult => ({
    ok: false,
    failure,
    thrown: describeThrown(reason, limits.errorBytes, source),
    sent,
  });

  const finish = (value: unknown, sent: number): TaskResult => {
    const problem = findNotPlain(value, limits);
    if (problem)
      return fail(
        "output-invalid",
        new TypeError(`The output is not plain data: at "${problem.pointer}" ${problem.reason}.`),
        sent,
      );
    const output = JSON.stringify(value) ?? "null";
    if (output.length > limits.outputBytes)
      return fail(
        "output-too-large",
        new RangeError(`The output is larger than ${limits.outputBytes} bytes.`),
        sent,
      );
    return { ok: true, output, sent };
  };

  const run = async (task: CallTask, call: ActiveCall): Promise<TaskResult> => {
    let exports: unknown;
    try {
      exports = tenants.open(task.tenantId);
    } catch (reason) {
      return fail("load-failed", reason);
    }
    try {
      const target = findTarget(exports, task.kind, task.name);
      if (!target) return fail("unknown-target", new Error(`The plugin has no ${task.kind} "${task.name}".`));
      const argument = createArgument(task, call, endowments);
      const value = await callOfTheMoment.run(call, target, argument);
      call.mark();
      return finish(value, call.sent);
    } catch (reason) {
      return fail("failed", reason, call.sent);
    }
  };

  return {
    call(task) {
      const call = createCall({
        id: task.call,
        tenantId: task.tenantId,
        capabilities: task.capabilities,
        host,
      });
      if (endedEarly.delete(task.call))
        return Promise.resolve(fail("ended", new Error("The call was ended.")));
      calls.set(task.call, call);
      host.mark(task.call);
      return new Promise((resolve) => {
        call.onEnd(() => resolve(fail("ended", new Error("The call was ended."), call.sent)));
        run(task, call).then((result) => {
          calls.delete(task.call);
          resolve(result);
          call.end();
        });
      });
    },

    describe(task) {
      host.mark(task.call);
      try {
        const shape = describeExports(evaluatePlugin(plugin, endowments));
        return finish(shape, 0);
      } catch (reason) {
        return fail("load-failed", reason);
      }
    },
  };
}

/** The argument of run(): the host's context, the input, and one function per capability. */
function createArgument(task: CallTask, call: ActiveCall, endowments: Endowments): object {
  const capabilities: Record<string, unknown> = { __proto__: null };
  for (const name of task.capabilities) {
    capabilities[name] = async (argument: unknown) => {
      const problem = findNotPlain(argument, call.limits);
      if (problem)
        throw codedError(
          "argument-invalid",
          `The argument of "${name}" is not plain data: at "${problem.pointer}" ${problem.reason}.`,
        );
      return decode(await call.use(name, encode(argument, false)).answer);
    };
  }
  const controller = new AbortController();
  call.onEnd(() => controller.abort(codedError("call-ended", "The call has ended.")));
  const { input, ...rest } = {
    ...(JSON.parse(task.context) as object),
    ...capabilities,
    fetch: createFetch(endowments.fetchKit, () => call),
    log: createLog(call),
    signal: controller.signal,
    input: undefined,
  };
  return Object.freeze({ ...harden(rest), input: JSON.parse(task.input) });
}
