import type { Json } from "../context.ts";
import { PluginError, type PluginErrorCode } from "../plugin-error.ts";

/** A vendor's answer that is no success, in the host's terms. */
export interface VendorFailure {
  status: number;
  /** The class that the status speaks for. */
  code: PluginErrorCode;
  /** What the body says, or else the status. */
  message: string;
  /** The parsed body; undefined when it is no JSON. */
  body: Json | undefined;
  retryAfterMs: number | undefined;
}

/** What only the plugin's author knows of a vendor's errors: what is given goes before what the status says. */
export type ReadVendorError = (failure: VendorFailure) =>
  | {
      code?: PluginErrorCode | undefined;
      message?: string | undefined;
      details?: Json | undefined;
      retryAfterMs?: number | undefined;
    }
  | undefined;

/**
 * Reads an answer that is no success. It never throws; it is for the caller to throw.
 *
 * @param read what only you know of this vendor's errors
 * @example
 * if (!response.ok) throw await vendorError(response);
 */
export async function vendorError(response: Response, read?: ReadVendorError): Promise<PluginError> {
  const body = await parsed(response);
  const { status } = response;
  const failure: VendorFailure = {
    status,
    code: codeOf(status),
    message: wordsOf(body) ?? `The vendor answered ${status}.`,
    body,
    retryAfterMs: retryAfterMs(response.headers.get("retry-after")),
  };
  const better = read?.(failure);
  return new PluginError(better?.code ?? failure.code, better?.message ?? failure.message, {
    details: better?.details ?? { status },
    retryAfterMs: better?.retryAfterMs ?? failure.retryAfterMs,
  });
}

function codeOf(status: number): PluginErrorCode {
  if (status === 400 || status === 422) return "invalid-input";
  if (status === 401) return "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404 || status === 410) return "not-found";
  if (status === 409 || status === 412) return "conflict";
  if (status === 429) return "rate-limited";
  return status >= 500 || status === 408 || status === 425 ? "vendor-unavailable" : "vendor-error";
}

async function parsed(response: Response): Promise<Json | undefined> {
  try {
    return (await response.json()) as Json;
  } catch {
    // Not from the vendor's API itself (a proxy's page, say): the status has to do.
    return undefined;
  }
}

/** Where vendors put the sentence for people: `error.message`, `errors[0].detail` (JSON:API), `detail` (RFC 9457), … */
function wordsOf(body: Json | undefined): string | undefined {
  if (typeof body === "string") return body || undefined;
  if (typeof body !== "object" || body === null) return undefined;
  if (Array.isArray(body)) return wordsOf(body[0]);
  for (const name of ["error", "errors", "message", "error_description", "detail", "title"]) {
    const words =
      name === "error" && typeof body.error_description === "string" ? undefined : wordsOf(body[name]);
    if (words) return words;
  }
  return undefined;
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  const seconds = Number(header);
  const ms = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}
