/** One thing that is wrong with a request. */
export interface Problem {
  in: "path" | "query" | "body";
  /** JSON pointer (RFC 6901) into that part of the request; empty for the whole of it. */
  pointer: string;
  /** What was expected there, to be read after the name of the field. */
  message: string;
}

/** Why a text could not be stored, if so: PostgreSQL has no NUL in text, UTF-8 no half surrogate pair. */
export function textProblem(text: string): string | undefined {
  if (text.includes("\0")) return "must not contain a NUL character";
  if (!text.isWellFormed()) return "must be well-formed Unicode";
  return undefined;
}
