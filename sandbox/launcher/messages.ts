import type { Priority } from "../walls/index.ts";

/** Between the host and the launcher, which trust each other. A process is known by a number that the host gives it. */
export type ToLauncher =
  | { type: "start"; id: number; module: string; flags: string[]; priority: Priority }
  | { type: "seal"; id: number; moreBytes: number }
  | { type: "priority"; id: number; priority: Priority }
  | { type: "kill"; id: number };

export type FromLauncher =
  /** With the host's end of the process's socket. */
  | { type: "started"; id: number }
  /** The launcher has let go of that socket: what the process says now is read by the host alone. */
  | { type: "released"; id: number }
  | { type: "sealed"; id: number; problem?: string }
  /** Once for each start, also for one that failed; nothing follows. */
  | { type: "ended"; id: number; how: string; lastWords: string };
