import { spawn } from "node:child_process";
import { Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { launcherUrl } from "../locations.ts";
import { chosenLaunch } from "../walls/index.ts";
import type { FromLauncher, ToLauncher } from "./messages.ts";
import { createRunners } from "./runners.ts";

/** The way from the host to a launcher. */
export interface Link {
  send(message: ToLauncher): void;
  /** While processes are to end, the host's process lives on to see it; alone the launcher does not keep it alive. */
  keepAlive(isNeeded: boolean): void;
  kill(): void;
}

export interface LinkOptions {
  receive(message: FromLauncher, socket?: Socket): void;
  /** Comes once: it is gone, and so are its processes. */
  onGone(how: string): void;
}

const FLAGS = ["--max-old-space-size=64", "--max-semi-space-size=1", "--no-warnings"];
const TAIL_CHARS = 4_096;

/** @throws Error when no process can be started, or the walls could not be tried out */
export const openLink = (o: LinkOptions): Link =>
  process.platform === "win32" ? linkToOwnProcess(o) : linkToLauncher(o);

/**
 * Node's own channel between processes (`ipc`), which believes the other side: it is our code there, that reads no
 * plugin's words.
 */
function linkToLauncher({ receive, onGone }: LinkOptions): Link {
  const { prefix, way } = chosenLaunch();
  const [command = process.execPath, ...args] = [
    ...prefix,
    process.execPath,
    ...FLAGS,
    fileURLToPath(launcherUrl()),
    String(way),
  ];
  const { PATH } = process.env;
  const launcher = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe", "ipc"],
    env: PATH === undefined ? {} : { PATH },
    cwd: "/",
  });
  let lastWords = "";
  let isGone = false;
  const gone = (how: string) => {
    if (isGone) return;
    isGone = true;
    onGone(lastWords ? `${how} Its last words: ${lastWords.trim()}` : how);
  };
  launcher.stderr?.on("data", (chunk: Buffer) => {
    lastWords = (lastWords + String(chunk)).slice(-TAIL_CHARS);
  });
  launcher.on("message", (message, handle) =>
    receive(message as FromLauncher, handle instanceof Socket ? handle : undefined),
  );
  launcher.on("error", (error) => gone(`The launcher could not be started: ${error.message}.`));
  launcher.on("close", (exitCode, signal) =>
    gone(`The launcher ended: ${signal ?? `exit code ${exitCode}`}.`),
  );
  // One that does not hear any more is of no use.
  launcher.on("disconnect", () => launcher.kill("SIGKILL"));
  launcher.unref();
  launcher.channel?.unref();
  if (launcher.stderr instanceof Socket) launcher.stderr.unref();
  return {
    send: (message) => void launcher.send(message, undefined, {}, () => {}),
    keepAlive: (isNeeded) => (isNeeded ? launcher.channel?.ref() : launcher.channel?.unref()),
    kill: () => launcher.kill("SIGKILL"),
  };
}

/** Windows passes no such socket from one process to another: there the host starts plugins' processes itself. */
function linkToOwnProcess({ receive }: LinkOptions): Link {
  // As from another process: never before what was asked has returned.
  const tell = (message: FromLauncher, socket?: Socket) => void setImmediate(receive, message, socket);
  const { handle, killAll } = createRunners(chosenLaunch().way, tell);
  return { send: handle, keepAlive() {}, kill: killAll };
}
