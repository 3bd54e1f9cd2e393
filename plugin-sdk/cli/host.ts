/** The world around the command: handed in, so that a test can be it. */
export interface CliHost {
  env: { readonly [name: string]: string | undefined };
  /** Where relative paths start. */
  cwd: string;
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  /** A person sits at the terminal and may be asked. */
  interactive: boolean;
}
