import type { MessagePort } from "node:worker_threads";
import {
  BOARD,
  type CallTask,
  type DescribeTask,
  type LoadTask,
  type TaskFailure,
  type TaskResult,
  type ToWorker,
} from "../messages.ts";
import { createArgument } from "./argument.ts";
import { ActiveCall, callOfTheMoment, type HostLink } from "./call.ts";
import { createEvaluator } from "./compartment.ts";
import { createEndowments } from "./endowments/index.ts";
import { natives } from "./natives.ts";
import { findNotPlain } from "./plain.ts";
import { createRoom } from "./room.ts";
import { describeExports, findTarget } from "./targets.ts";
import { createTenants } from "./tenants.ts";
import { describeThrown } from "./thrown.ts";

/** What runs in the thread once the plugin is loaded. */
export interface Runner {
  call(task: CallTask): Promise<TaskResult> | TaskResult;
  describe(task: DescribeTask): TaskResult;
}

/** A call may also have answered when its end arrives; such numbers are never asked for. */
const MAX_ENDED_EARLY = 10_000;

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
  const evaluate = createEvaluator(plugin, endowments);
  const tenants = createTenants(evaluate, limits.compartments);
  const room = createRoom(limits.heapBytes, () => tenants.forgetHalf());
  const source = `${plugin.id}@${plugin.version}`;
  const calls = new Map<number, ActiveCall>();
  /** Calls that the host ended before their task arrived here. */
  const endedEarly = new Set<number>();
  /**
   * The call that began in this turn of the event loop. tinypool may start many in one; each gets a turn of its own,
   * so that the board names the right one when the thread spins before the turn is over.
   */
  let turnOf = 0;
  const endTurn = () => {
    turnOf = 0;
  };

  const rememberEnded = (call: number) => {
    endedEarly.add(call);
    for (const oldest of endedEarly) {
      if (endedEarly.size <= MAX_ENDED_EARLY) break;
      endedEarly.delete(oldest);
    }
  };

  port.on("message", (message: ToWorker) => {
    if (message.type === "ping") board[BOARD.beat] = message.beat;
    else if (message.type === "collect") room.make();
    else if (message.type === "reply") calls.get(message.call)?.settle(message);
    else if (calls.has(message.call)) calls.get(message.call)?.giveUp();
    else rememberEnded(message.call);
  });

  board[BOARD.loaded] = 1;

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
      if (tenants.has(task.tenantId)) room.makeIfNeeded();
      else room.makeIfNeededNow();
      exports = tenants.open(task.tenantId);
    } catch (reason) {
      return fail("load-failed", reason);
    }
    try {
      const target = findTarget(exports, task.kind, task.name);
      if (!target) return fail("unknown-target", new Error(`The plugin has no ${task.kind} "${task.name}".`));
      const argument = createArgument(task, call, { fetchKit: endowments.fetchKit, binary: plugin.binary });
      const value = await callOfTheMoment.run(call, target, argument);
      call.mark();
      return finish(value, call.sent);
    } catch (reason) {
      return fail("failed", reason, call.sent);
    }
  };

  const start = (task: CallTask): Promise<TaskResult> | TaskResult => {
    if (endedEarly.delete(task.call)) return fail("ended", new Error("The call was ended."));
    turnOf = task.call;
    natives.nextTick(endTurn);
    const call = new ActiveCall(task.call, task.capabilities, host);
    calls.set(task.call, call);
    call.mark();
    return new Promise((resolve) => {
      call.onGivenUp(() => resolve(fail("ended", new Error("The call was ended."), call.sent)));
      run(task, call).then((result) => {
        calls.delete(task.call);
        resolve(result);
        call.end();
      });
    });
  };

  return {
    call: (task) =>
      calls.has(turnOf)
        ? new Promise((resolve) => void natives.setImmediate(() => resolve(start(task))))
        : start(task),

    describe(task) {
      host.mark(task.call);
      try {
        const shape = describeExports(evaluate());
        return finish(shape, 0);
      } catch (reason) {
        return fail("load-failed", reason);
      }
    },
  };
}
