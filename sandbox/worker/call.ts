import type { Encoded, FromWorker, Thrown, ToWorker, WorkerLimits } from "../messages.ts";
import { codedError } from "./endowments/coded-error.ts";
import { natives } from "./natives.ts";

/** The way out of the thread. Plugin code never holds it. */
export interface HostLink {
  post(message: FromWorker): void;
  /** Tells the host, over shared memory, whose code runs from now on. */
  mark(call: number): void;
  limits: WorkerLimits;
}

interface Use {
  resolve(value: Encoded): void;
  reject(error: Error): void;
}

/** One call in flight: what it may use, and all that has to go when it ends. */
export interface ActiveCall {
  readonly id: number;
  readonly tenantId: string;
  readonly limits: WorkerLimits;
  /** How many messages the thread has sent for this call; the host waits for as many. */
  sent: number;
  readonly ended: boolean;
  grants(capability: string): boolean;
  use(name: string, argument: Encoded): { answer: Promise<Encoded>; cancel(): void };
  log(line: string): void;
  settle(reply: Extract<ToWorker, { type: "reply" }>): void;
  /** Runs when the call ends; at once when it has. */
  onEnd(teardown: () => void): void;
  mark(): void;
  end(): void;
}

/** Which call the running code belongs to, across awaits, timers and replies. */
export const callOfTheMoment = new natives.AsyncLocalStorage<ActiveCall>();

let nextUse = 1;

export function createCall(o: {
  id: number;
  tenantId: string;
  capabilities: string[];
  host: HostLink;
}): ActiveCall {
  const { id, tenantId, host } = o;
  const granted = new Set(o.capabilities);
  const uses = new Map<number, Use>();
  let teardowns: (() => void)[] = [];
  let ended = false;
  let sent = 0;

  const post = (message: FromWorker) => {
    sent += 1;
    host.post(message);
  };

  return {
    id,
    tenantId,
    limits: host.limits,
    get sent() {
      return sent;
    },
    get ended() {
      return ended;
    },
    grants: (capability) => granted.has(capability),

    use(name, argument) {
      if (ended) throw codedError("call-ended", `The call has ended; "${name}" can no longer be used.`);
      if (!granted.has(name))
        throw codedError("capability-not-granted", `This call was not given the capability "${name}".`);
      if (uses.size >= host.limits.capabilityCalls)
        throw codedError(
          "too-many-capability-calls",
          `At most ${host.limits.capabilityCalls} capability calls may be open at once; await some of them first.`,
        );
      if (argument.text.length > host.limits.capabilityBytes)
        throw codedError(
          "argument-too-large",
          `The argument of "${name}" is larger than ${host.limits.capabilityBytes} bytes.`,
        );
      const use = nextUse++;
      const answer = new Promise<Encoded>((resolve, reject) => uses.set(use, { resolve, reject }));
      post({ type: "use", call: id, use, name, argument });
      const cancel = () => {
        if (uses.delete(use)) post({ type: "cancel", call: id, use });
      };
      return { answer, cancel };
    },

    log(line) {
      if (!ended) post({ type: "log", call: id, line });
    },

    settle(reply) {
      const use = uses.get(reply.use);
      if (!use) return;
      uses.delete(reply.use);
      host.mark(id);
      if (reply.ok) use.resolve(reply.value);
      else use.reject(rebuildError(reply.error));
    },

    onEnd(teardown) {
      if (ended) teardown();
      else teardowns.push(teardown);
    },

    mark: () => host.mark(id),

    end() {
      if (ended) return;
      ended = true;
      const stranded = [...uses.values()];
      uses.clear();
      for (const use of stranded)
        use.reject(codedError("call-ended", "The call ended before the capability answered."));
      const all = teardowns;
      teardowns = [];
      for (const teardown of all) teardown();
    },
  };
}

/** A host's error, as plugin code sees it. */
function rebuildError(error: Thrown): Error {
  const extra: Record<string, unknown> = {};
  if (error.details !== undefined) extra.details = JSON.parse(error.details);
  if (error.retryAfterMs !== undefined) extra.retryAfterMs = error.retryAfterMs;
  return codedError(error.code ?? "capability-failed", error.message, extra);
}
