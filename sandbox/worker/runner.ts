import type { MessagePort } from "node:worker_threads";
import {
  BOARD,
  type CallTask,
  type DescribeTask,
  type HostMessage,
  type LoadTask,
  type TaskFailure,
  type TaskResult,
} from "../messages.ts";
import { createArgument } from "./argument.ts";
import { ActiveCall, callOfTheMoment, type HostLink } from "./call.ts";
import { createEvaluator } from "./compartment.ts";
import { describeExports } from "./describe.ts";
import { createEndowments } from "./endowments/index.ts";
import { openHostPort } from "./host-port.ts";
import { createMeter } from "./meter.ts";
import { findNotPlain } from "./plain.ts";
import { createRoom } from "./room.ts";
import { findTarget } from "./targets.ts";
import { createTenants } from "./tenants.ts";
import { describeThrown } from "./thrown.ts";

/** A call may also have answered when its end arrives; such numbers are never asked for. */
const MAX_ENDED_EARLY = 10_000;

/** Loads the plugin and runs what the host asks for, as long as the thread lasts. */
export function serve(load: LoadTask): void {
  const { plugin, limits, board } = load;
  const meter = createMeter();
  const port = openHostPort({
    port: load.port as MessagePort,
    board,
    handle: (message) => handle(message),
    isIdle: () => calls.size === 0,
    onRest: meter.rest,
  });
  const host: HostLink = {
    limits,
    post: port.post,
    postNow: port.postNow,
    beginTurn: port.beginTurn,
    mark: (call) => {
      board[BOARD.call] = call.id;
      meter.run(call);
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
  const rememberEnded = (call: number) => {
    endedEarly.add(call);
    for (const oldest of endedEarly) {
      if (endedEarly.size <= MAX_ENDED_EARLY) break;
      endedEarly.delete(oldest);
    }
  };

  const handle = (message: HostMessage): void => {
    if (message.type === "call") start(message);
    else if (message.type === "reply") calls.get(message.call)?.settle(message);
    else if (message.type === "ping") answerPing(message.beat);
    else if (message.type === "collect") room.make();
    else if (message.type === "describe") describe(message);
    else if (calls.has(message.call)) calls.get(message.call)?.giveUp();
    else rememberEnded(message.call);
  };

  const answerPing = (beat: number): void => {
    board[BOARD.beat] = beat;
    const spent = meter.takeAll(calls.values());
    if (spent.tenants.length > 0) port.post({ type: "spent", ...spent });
  };

  /** An answer that can be made again may wait for others; one that cannot must be out before other code runs. */
  const answer = (call: number, result: TaskResult, canRepeat: boolean): void => {
    const message = { type: "result", call, result } as const;
    if (canRepeat) port.post(message);
    else port.postNow(message);
  };

  const fail = (failure: TaskFailure, reason: unknown): TaskResult => ({
    ok: false,
    failure,
    thrown: describeThrown(reason, limits.errorBytes, source),
  });

  const finish = (value: unknown, call?: ActiveCall): TaskResult => {
    const problem = findNotPlain(value, limits);
    if (problem) {
      const message = `The output is not plain data: at "${problem.pointer}" ${problem.reason}.`;
      if (problem.limit) call?.reached(problem.limit, "output-invalid", message);
      return fail("output-invalid", new TypeError(message));
    }
    const output = JSON.stringify(value) ?? "null";
    if (output.length > limits.outputBytes)
      return fail(
        "output-too-large",
        new RangeError(`The output is larger than ${limits.outputBytes} bytes.`),
      );
    return { ok: true, output };
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
      return finish(value, call);
    } catch (reason) {
      return fail("failed", reason);
    }
  };

  const start = (task: CallTask): void => {
    const ended = () => fail("ended", new Error("The call was ended."));
    if (endedEarly.delete(task.call)) {
      answer(task.call, ended(), true);
      return;
    }
    const call = new ActiveCall(task.call, task.capabilities, meter.open(task.tenantId), host);
    calls.set(task.call, call);
    call.mark();
    const finishWith = (result: TaskResult): void => {
      if (!calls.delete(task.call)) return;
      answer(task.call, result, !call.hadEffects);
      call.end();
    };
    call.onGivenUp(() => finishWith(ended()));
    run(task, call).then(finishWith);
  };

  const describe = (task: DescribeTask): void => {
    // It has no tenant, and its time is nobody's.
    board[BOARD.call] = task.call;
    meter.rest();
    let result: TaskResult;
    try {
      result = finish(describeExports(evaluate()));
    } catch (reason) {
      result = fail("load-failed", reason);
    }
    answer(task.call, result, true);
  };

  port.postNow({ type: "ready" });
}
