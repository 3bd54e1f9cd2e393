import { type CallTask, decode, encode } from "../messages.ts";
import type { ActiveCall } from "./call.ts";
import {
  AbortController,
  codedError,
  createFetch,
  createLog,
  type FetchKit,
  needsBinary,
} from "./endowments/index.ts";
import { findNotPlain } from "./plain.ts";

/**
 * The argument of run(): the host's context, the input, and what the call was given. Made afresh for every call,
 * so nothing in it is shared with another.
 */
export function createArgument(
  task: CallTask,
  call: ActiveCall,
  o: { fetchKit: FetchKit; binary: boolean },
): object {
  const argument: Record<string, unknown> = {
    ...(task.context === "{}" ? undefined : (JSON.parse(task.context) as object)),
    input: JSON.parse(task.input),
    fetch: createFetch(o.fetchKit, () => call),
    log: createLog(call),
    signal: signalOf(call),
  };
  for (const name of task.capabilities)
    if (name !== "fetch" && name !== "log") argument[name] = createCapability(name, call, o.binary);
  return Object.freeze(argument);
}

function createCapability(name: string, call: ActiveCall, binary: boolean) {
  return async (argument: unknown): Promise<unknown> => {
    const problem = findNotPlain(argument, call.limits, binary);
    if (problem)
      throw codedError(
        "argument-invalid",
        `The argument of "${name}" is not plain data: at "${problem.pointer}" ${problem.reason}.`,
      );
    const reply = await call.use(name, encode(argument, binary)).answer;
    if (reply.bytes.length > 0 && !binary) throw needsBinary(`What "${name}" answers`);
    return decode(reply);
  };
}

function signalOf(call: ActiveCall): unknown {
  const controller = new AbortController();
  call.onGivenUp(() => controller.abort(codedError("call-ended", "The host gave the call up.")));
  return controller.signal;
}
