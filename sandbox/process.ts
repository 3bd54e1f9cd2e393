import type { Carrier, CarrierOptions, ThreadDeath } from "./carrier.ts";
import type { Measured } from "./messages.ts";
import { type PluginProcess, shapeOf } from "./plugin-process.ts";
import { requestProcess } from "./process-starts.ts";
import { type FromRunner, inLines, type ToRunner } from "./runner-messages.ts";
import type { Priority } from "./walls/index.ts";

/**
 * A thread in a process of its own, behind the interface of one in this process. V8 ends a whole process when an
 * allocation does not fit or a size is out of its range, and compiles some loops so that nothing stops them
 * (nodejs/node#47224): here that costs this process, and not the host's.
 */
export function startProcess(o: CarrierOptions): Carrier {
  const shape = shapeOf(o);
  const vitalsWaiters: ((vitals: Measured) => void)[] = [];
  let last = { call: 0, beat: 0, cpuMs: 0 };
  let outputLeft = shape.outputStreamBytes;
  let priority: Priority = o.startsBusy ? "busy" : "usual";
  let stopping = false;
  let own: PluginProcess | undefined;
  /** What is for the process, until there is one. */
  let held: (ToRunner | { line: string })[] = [];

  const die = (death: ThreadDeath) => {
    if (stopping) return;
    stopping = true;
    o.onDeath(death);
  };
  const lose = (what: string) => {
    if (own) own.lose(what);
    else die({ outOfMemory: false, detail: what, call: undefined });
  };

  const receive = (message: FromRunner) => {
    if (message.type === "batch") o.onBatch(message.batch);
    else if (message.type === "prepared") lose("The process said twice that it has started.");
    else if (message.type === "vitals") {
      const waiter = vitalsWaiters.shift();
      if (!waiter) return lose("The process told of itself without being asked.");
      const { call, cpuMs } = message.vitals;
      if (cpuMs < last.cpuMs) return lose("The process told of less time than before.");
      last = { call, beat: message.beat, cpuMs };
      waiter(message.vitals);
    } else if (message.type === "output") {
      const { stream, text } = message;
      outputLeft -= text.length;
      // The process holds this limit itself, as long as it is ours, and passes nothing on that is empty.
      if (text === "" || outputLeft < 0) lose("The process passed on more output than there may be.");
      else o.onOutput(stream, text);
    }
    // Named only when it did so before as well: of code that has broken out nothing is certain, and of the last few
    // milliseconds of an honest thread not much.
    else die({ ...message, call: message.call === last.call ? message.call : undefined });
  };

  const send = (message: ToRunner | { line: string }): void => {
    if (own) own.send(message);
    else if (!stopping) held.push(message);
  };

  const withdraw = requestProcess({
    shape,
    crashesLately: o.crashesLately,
    isLooping: o.startsBusy,
    onProcess(given) {
      own = given;
      given.use({
        isIdle: o.isIdle,
        onMessage: (message) => stopping || receive(message),
        // Whose doing it was, the process cannot tell any more. Its last words are for the operator.
        onLost: (loss) => die({ ...loss, call: undefined }),
      });
      given.setPriority(priority);
      const { plugin, limits } = o;
      given.send({ type: "load", plugin, limits });
      for (const message of held) given.send(message);
      held = [];
    },
    onFailed: (detail) => die({ outOfMemory: false, detail, call: undefined }),
  });

  return {
    post(batch) {
      try {
        for (const line of inLines(batch)) send({ line });
      } catch (error) {
        // One message is longer than V8 makes any text. That must not end the host.
        lose(`A message could not be written: ${error instanceof Error ? error.message : "unknown"}.`);
      }
    },
    // As it last told. While it is asked and does not answer, whose code runs now is not known.
    currentCall: () => (vitalsWaiters.length > 0 ? 0 : last.call),
    lastBeat: () => last.beat,
    vitals: () => {
      send({ type: "measure" });
      return new Promise((resolve) => vitalsWaiters.push(resolve));
    },
    setPriority(to) {
      priority = to;
      own?.setPriority(to);
    },
    async stop() {
      stopping = true;
      held = [];
      withdraw();
      await own?.stop();
    },
  };
}
