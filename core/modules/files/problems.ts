import { coreError } from "../../errors.ts";
import { CapabilityError } from "../../kernel/capabilities/index.ts";
import type { LimitReached } from "../../kernel/limits/index.ts";

const retryAfterSeconds = { "files-limit-exceeded": "600", "files-busy": "5" } as const;

export function fileNotFound(id: string) {
  return coreError("file-not-found", `This tenant has no file ${JSON.stringify(id)}, or not any more.`);
}

/** What the store refuses, as an answer of this API. Limits are counted, for no plugin. */
export function toFileProblem(error: unknown, limitReached: LimitReached): unknown {
  if (!(error instanceof CapabilityError)) return error;
  const { code, message, reached } = error;
  if (reached) limitReached("", reached);
  if (code === "file-aborted") return coreError(code, message);
  if (code !== "files-limit-exceeded" && code !== "files-busy") return error;
  return coreError(code, message, {}, { headers: { "Retry-After": retryAfterSeconds[code] } });
}
