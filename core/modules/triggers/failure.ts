import { CapabilityError } from "../../kernel/capabilities/index.ts";

/** Errors that say nothing of the vendor, which is asked soon when they have gone. */
export const notItsFault: readonly string[] = ["connection-inactive", "install-disabled"];

export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "internal-error";
}

/** The host's own troubles are nobody's business but the log's. */
export function detailOf(error: unknown, otherwise: string): string {
  const isExposed = error instanceof Error && "expose" in error && error.expose === true;
  const isShown = isExposed || error instanceof CapabilityError;
  return isShown ? error.message.slice(0, 2_000).replaceAll("\0", "").toWellFormed() : otherwise;
}

/** In ms. */
export function retryAfterOf(error: unknown): number {
  if (error instanceof CapabilityError) return error.retryAfterMs ?? 0;
  const headers = error instanceof Error && "headers" in error ? error.headers : undefined;
  const seconds = (headers as { "Retry-After"?: string } | undefined)?.["Retry-After"];
  return seconds === undefined ? 0 : Number(seconds) * 1000 || 0;
}
