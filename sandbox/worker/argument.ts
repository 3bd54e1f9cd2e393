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
 * The argument of the plugin's function: the host's context, the input, and what the call was given. Made afresh for
 * every call, so nothing in it is shared with another. Actions and hooks find their input in `input`; for the others,
 * whose input the host makes, its members stand in the argument itself.
 */
export function createArgument(
  task: CallTask,
  call: ActiveCall,
  o: { fetchKit: FetchKit; binary: boolean },
): object {
  const argument: Record<string, unknown> = {
    ...(task.context === "{}" ? undefined : (JSON.parse(task.context) as object)),
    ...(task.kind === "action" || task.kind === "hook"
      ? { input: JSON.parse(task.input) }
      : (JSON.parse(task.input) as object)),
    fetch: createFetch(o.fetchKit, () => call),
    log: createLog(call),
    signal: signalOf(call),
  };
  const groups: Record<string, Record<string, unknown>> = {};
  for (const name of task.capabilities) {
    if (name === "fetch" || name === "log") continue;
    const [group = name, member] = name.split(".");
    if (member === undefined) argument[name] = createCapability(name, call, o.binary);
    else {
      groups[group] ??= {};
      groups[group][member] = createMethod(name, call, o.binary);
    }
  }
  for (const [name, group] of Object.entries(groups)) argument[name] = Object.freeze(group);
  return Object.freeze(argument);
}

/** `storage.set(key, value)`: the host gets the list of arguments. Those left out at the end are not in it. */
function createMethod(name: string, call: ActiveCall, binary: boolean) {
  const use = createCapability(name, call, binary);
  return (...args: unknown[]): Promise<unknown> => {
    while (args.length > 0 && args.at(-1) === undefined) args.pop();
    return use(args);
  };
}

function createCapability(name: string, call: ActiveCall, binary: boolean) {
  return async (argument: unknown): Promise<unknown> => {
    const problem = findNotPlain(argument, call.limits, binary);
    if (problem) {
      const message = `The argument of "${name}" is not plain data: at "${problem.pointer}" ${problem.reason}.`;
      throw problem.limit
        ? call.reached(problem.limit, "argument-invalid", message)
        : codedError("argument-invalid", message);
    }
    const reply = await call.use(name, encode(argument, binary)).answer;
    if (reply.bytes.length > 0 && !binary) throw needsBinary(`What "${name}" answers`);
    // A capability that answered undefined: null is a value.
    return reply.text === "" ? undefined : decode(reply);
  };
}

function signalOf(call: ActiveCall): unknown {
  const controller = new AbortController();
  call.onGivenUp(() => controller.abort(codedError("call-ended", "The host gave the call up.")));
  return controller.signal;
}
