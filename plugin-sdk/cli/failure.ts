/** What a command's exit code says. Documented in `plugboard --help`. */
export const exitCodes = { ok: 0, failed: 1, usage: 2 } as const;

/** One thing that is wrong: where it is (in a source file, or in plugin.json by pointer) and what to do. */
export interface FailureProblem {
  message: string;
  code?: string;
  /** RFC 6901, into plugin.json. */
  pointer?: string;
  /** Relative to the plugin's directory. */
  file?: string;
  /** 1-based. */
  line?: number;
  /** 1-based. */
  column?: number;
}

/** Ends a command with a message for the person who ran it; never a stack. */
export class CliFailure extends Error {
  readonly code: string;
  readonly exitCode: number;
  readonly problems: FailureProblem[];

  constructor(
    code: string,
    message: string,
    options: { problems?: FailureProblem[]; exitCode?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.code = code;
    this.exitCode = options.exitCode ?? exitCodes.failed;
    this.problems = options.problems ?? [];
  }
}

/** One line per problem: `index.ts:3:8: …` or `/permissions/network/0: …`. */
export function formatProblem(problem: FailureProblem): string {
  const position = [problem.file, problem.line, problem.column].filter((part) => part !== undefined);
  const where = [position.join(":"), problem.pointer].filter((part) => part !== undefined && part !== "");
  return [...where, problem.message].join(": ");
}
