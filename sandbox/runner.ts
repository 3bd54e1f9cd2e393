/**
 * A process that holds one thread with plugin code, and passes everything between it and the host. The thread has the
 * same walls as one in the host's own process; what this adds is that V8 may abort, and that SIGKILL ends any loop.
 * It is started under `--permission` itself, with an empty environment, and holds no secret of the host.
 */
import type { Carrier } from "./carrier.ts";
import { type FromRunner, pack, type ToRunner, unpack } from "./runner-messages.ts";
import { startWorkerThread } from "./worker-thread.ts";

let thread: Carrier | undefined;

const send = (message: FromRunner): void => {
  if (process.connected) process.send?.(message);
};

const measure = async ({ vitals, currentCall, lastBeat }: Carrier): Promise<void> => {
  const measured = await vitals();
  send({ type: "vitals", vitals: measured, call: currentCall(), beat: lastBeat() });
};

process.on("message", (message: ToRunner) => {
  if (message.type === "batch") thread?.post(unpack(message.batch) as unknown[], []);
  else if (message.type === "start") {
    const { plugin, limits, workerUrl, readable } = message;
    thread = startWorkerThread({
      plugin,
      limits,
      workerUrl: new URL(workerUrl),
      readable,
      onBatch: (batch) => send({ type: "batch", batch: pack(batch) }),
      onOutput: (stream, text) => send({ type: "output", stream, text }),
      onDeath: (death) => send({ type: "death", ...death }),
    });
  } else if (thread) measure(thread).catch(() => {});
});

// A terminal or a service manager signals the whole group; the host decides when this process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// The host is gone, and nobody would end this process.
process.on("disconnect", () => process.exit());
