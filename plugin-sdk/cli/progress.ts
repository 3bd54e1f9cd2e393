import type { CliHost } from "./host.ts";
import { printable } from "./printable.ts";

/** Work that takes long: what is being done is shown until it ends. */
export interface Progress {
  /** Says what is done now. */
  update(text: string): void;
  /** Takes the line away. Always to be called, also where the work failed. */
  end(): void;
}

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const frameMs = 80;
const clearLine = "\r\u001b[2K";

/** A spinner on a terminal; elsewhere, in a log of CI, a line for each thing that is begun. */
export function showProgress({ env, stderr }: Pick<CliHost, "env" | "stderr">, text: string): Progress {
  if (!stderr.isTTY || env.TERM === "dumb") return lines(stderr, text);
  let shown = printable(text);
  let frame = 0;
  const draw = () => {
    frame = (frame + 1) % frames.length;
    stderr.write(`${clearLine}${frames[frame]} ${shown}`);
  };
  draw();
  const timer = setInterval(draw, frameMs).unref();
  return {
    update(next) {
      shown = printable(next);
    },
    end() {
      clearInterval(timer);
      stderr.write(clearLine);
    },
  };
}

function lines(stderr: CliHost["stderr"], text: string): Progress {
  let last = "";
  const update = (next: string) => {
    if (next === last) return;
    last = next;
    stderr.write(`${printable(next)}\n`);
  };
  update(text);
  return { update, end() {} };
}

/** Where nothing is to be shown. */
export const noProgress: Progress = { update() {}, end() {} };
