/**
 * A small process beside the host that starts, seals and ends the processes with plugins' code. To start one copies the
 * starting process's page tables, and stops it meanwhile: tens of milliseconds of the host, two or three of this one. It
 * has no secret, hears the host alone, and reads nothing of what a plugin's process says: docs/decisions/0013.
 */
import type { Socket } from "node:net";
import { setPriority } from "node:os";
import type { FromLauncher, ToLauncher } from "./messages.ts";
import { createRunners } from "./runners.ts";

/** To start a plugin is less urgent than to answer, and more than what plugins do. */
const NICENESS = 5;

const [, , way = ""] = process.argv;

const tell = (message: FromLauncher, socket?: Socket): void => {
  // The host may be gone; the end of the channel says so.
  process.send?.(message, socket, {}, () => socket?.destroy());
};
const { handle, killAll } = createRunners(Number(way), tell);

try {
  setPriority(NICENESS);
} catch {
  // Not allowed here: then the operating system treats it like any other.
}
process.on("message", (message) => handle(message as ToLauncher));
process.on("disconnect", () => {
  killAll();
  process.exit();
});
// A terminal or a service manager signals the whole group; the host decides when this process ends.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
