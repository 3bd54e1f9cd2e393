import { exitCodes } from "./exit-codes.ts";
import { failureCodes } from "./failure-codes.ts";

export { exitCodes } from "./exit-codes.ts";

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

export interface FailureOptions {
  problems?: FailureProblem[];
  /** How the command ends, where the code does not say it: for codes of a registry or a host. */
  exitCode?: number;
  /** What scripts need besides: shown by `--json` as members of `error`. Nothing secret. */
  details?: Record<string, unknown>;
  cause?: unknown;
}

/** Ends a command with a message for the person who ran it; never a stack. */
export class CliFailure extends Error {
  readonly code: string;
  readonly exitCode: number;
  readonly problems: FailureProblem[];
  readonly details: Record<string, unknown>;

  /** @param code one of `failureCodes`, or of whoever refused */
  constructor(code: string, message: string, options: FailureOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    const own = Object.hasOwn(failureCodes, code) ? failureCodes[code] : undefined;
    this.exitCode = options.exitCode ?? exitCodes[own?.exit ?? "failed"];
    this.problems = options.problems ?? [];
    this.details = options.details ?? {};
  }
}

/** One line per problem: `index.ts:3:8: …` or `/permissions/network/0: …`. */
export function formatProblem(problem: FailureProblem): string {
  const position = [problem.file, problem.line, problem.column].filter((part) => part !== undefined);
  const where = [position.join(":"), problem.pointer].filter((part) => part !== undefined && part !== "");
  return [...where, problem.message].join(": ");
}
