import type { PlugboardError } from "./errors.ts";
import { httpErrors } from "./http-errors.ts";

/** One thing that is wrong with a request. */
export interface Problem {
  in: "path" | "query" | "body";
  /** JSON pointer (RFC 6901) into that part of the request; empty for the whole of it. */
  pointer: string;
  /** What was expected there, to be read after the name of the field. */
  message: string;
}

/** @returns the `invalid-request` that lists them. */
export function invalidRequest(problems: Problem[]): PlugboardError {
  const [first] = problems;
  const place = first ? `${first.in}${first.pointer}` : "the request";
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : "";
  return httpErrors.error("invalid-request", `${place}: ${first?.message ?? "is not valid"}${more}.`, {
    problems,
  });
}

/** Why a text could not be stored, if so: PostgreSQL has no NUL in text, UTF-8 no half surrogate pair. */
export function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return "must not contain a NUL character";
  if (!text.isWellFormed()) return "must be well-formed Unicode";
  return undefined;
}
