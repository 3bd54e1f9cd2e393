import type { Readable, Writable } from "node:stream";

/** The world around the command: handed in, so that a test can be it. */
export interface CliHost {
  env: { readonly [name: string]: string | undefined };
  /** Where relative paths start. */
  cwd: string;
  /** The result goes here. */
  stdout: { write(text: string): unknown };
  /** Progress, prose and questions go here. */
  stderr: CliOutput;
  /** A person sits at the terminal and may be asked. */
  interactive: boolean;
  /** Where the person is asked, and answers. Absent: the process's own. */
  terminal?: { input: Readable; output: Writable };
  /** All of standard input, for what must not stand on a command line. Absent: there is none. */
  readStdin?(): Promise<string>;
}

export interface CliOutput {
  write(text: string): unknown;
  /** A terminal, whose last line can be written anew. */
  isTTY?: boolean;
}

/** Whether to show colours there: on a terminal, unless NO_COLOR (https://no-color.org) or a dumb terminal says no. */
export function showsColors({ env }: Pick<CliHost, "env">, output: CliOutput): boolean {
  return output.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
}
