/**
 * A process that holds one thread with plugin code, and passes everything between it and the host. The thread has the
 * same walls as one in the host's own process; what this adds is that V8 may abort, and that SIGKILL ends any loop.
 * It is started under `--permission` itself, with an empty environment, and holds no secret of the host.
 */
import type { ToWorker } from "./messages.ts";
import { type FromRunner, pack, type ToRunner, unpack } from "./runner-messages.ts";
import { startThread, type Thread } from "./thread.ts";

/** How often the host hears how the thread does, while something runs in it. */
const VITALS_MS = 20;

let thread: Thread | undefined;
let running = 0;
let asking = false;

const send = (message: FromRunner): void => {
  if (process.connected) process.send?.(message);
};

process.on("message", (message: ToRunner) => {
  if (message.type === "start") {
    const { plugin, limits, workerUrl, readable } = message;
    thread = startThread({
      plugin,
      limits,
      workerUrl: new URL(workerUrl),
      readable,
      onMessage: (inner) => send({ type: "message", message: pack(inner) }),
      onOutput: (stream, text) => send({ type: "output", stream, text }),
      onDeath: (death) => send({ type: "death", ...death }),
    });
    thread.ready.then(() => send({ type: "ready" }));
  } else if (message.type === "post") thread?.post(unpack(message.message) as ToWorker);
  else {
    running += 1;
    thread?.run(message.task).then((result) => {
      running -= 1;
      // What the thread sent before it answered must be there before its answer.
      thread?.drain();
      send({ type: "result", run: message.run, result });
    });
  }
});

setInterval(() => {
  if (running === 0 || asking || !thread) return;
  asking = true;
  const { currentCall, lastBeat, isReady } = thread;
  thread.vitals().then(
    (vitals) => {
      asking = false;
      send({ type: "vitals", vitals, call: currentCall(), beat: lastBeat(), loaded: isReady() });
    },
    () => {
      asking = false;
    },
  );
}, VITALS_MS);

// A terminal or a service manager signals the whole group; the host decides when this process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// The host is gone, and nobody would end this process.
process.on("disconnect", () => process.exit());
