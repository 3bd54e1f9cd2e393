/**
 * A process that holds one thread for plugin code, and passes everything between it and the host. The thread has the
 * same walls as one in the host's own process; what this adds is that V8 may abort, and that SIGKILL ends any loop.
 * It is started under `--permission` itself, with an empty environment, and holds no secret of the host.
 */
import { Socket } from "node:net";
import type { Carrier } from "./carrier.ts";
import { openJsonLines } from "./json-lines.ts";
import { type FromRunner, inLines, RUNNER_FD, type ToRunner, unpack } from "./runner-messages.ts";
import { type PreparedThread, prepareWorkerThread } from "./worker-thread.ts";

let prepared: PreparedThread | undefined;
let thread: Carrier | undefined;

const socket = new Socket({ fd: RUNNER_FD, readable: true, writable: true });
const host = openJsonLines(socket, {
  maxBytes: Number.POSITIVE_INFINITY,
  onValue: (value) => handle(value as ToRunner),
  onNonsense: () => {},
});
const send = (message: FromRunner): void => host.send(JSON.stringify(message));

const measure = async ({ vitals, lastBeat }: Carrier): Promise<void> => {
  const measured = await vitals();
  send({ type: "vitals", vitals: measured, beat: lastBeat() });
};

function handle(message: ToRunner): void {
  if (message.type === "batch") thread?.post(unpack(message.batch) as unknown[], []);
  else if (message.type === "prepare") {
    prepared = prepareWorkerThread({
      ...message,
      workerUrl: new URL(message.workerUrl),
      onBatch: (batch) => {
        for (const line of inLines(batch)) host.send(line);
      },
      onOutput: (stream, text) => send({ type: "output", stream, text }),
      onDeath: (death) => send({ type: "death", ...death }),
    });
    prepared.prepared.then(() => send({ type: "prepared" }));
  } else if (message.type === "load") {
    thread = prepared?.load(message.plugin, message.limits);
  } else if (thread) measure(thread).catch(() => {});
}

// A terminal or a service manager signals the whole group; the host decides when this process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});

// The host is gone, and nobody would end this process.
socket.on("close", () => process.exit());
