import { RegistryProblem, RegistryUnavailable } from "./errors.ts";
import { readCapped } from "./read-capped.ts";

export interface ClientOptions {
  /** Where the registry is, without `/registry/v1`. */
  baseUrl: string;
  /** For installs. */
  hostToken?: string;
  /** For what only whoever runs the registry may do. */
  operatorToken?: string;
  fetch?: typeof fetch;
  /** For the whole of one request. Default 10 s; a tarball that is sent or fetched gets six times that. */
  timeoutMs?: number;
}

export interface RegistryRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below `/registry/v1`; every part that varies is encoded. */
  path: string;
  json?: object;
  form?: FormData;
  /** Whether it is for hosts only. */
  asHost?: boolean;
  /** Whether it is for the operator only. */
  asOperator?: boolean;
  /** Of the answer. Default 8 MiB. */
  maxBytes?: number;
  /** Whether a whole package is on its way. */
  long?: boolean;
}

const answerMaxBytes = 8 * 1024 * 1024;
const problemMaxBytes = 1024 * 1024;

/**
 * Sends one request.
 *
 * @returns the bytes of a good answer
 * @throws RegistryProblem when the registry refused, RegistryUnavailable when nobody answered as a registry does
 */
export type Send = (request: RegistryRequest) => Promise<Buffer>;

export function createSend(options: ClientOptions): Send {
  const base = `${options.baseUrl.replace(/\/+$/, "")}/registry/v1`;
  const timeoutMs = options.timeoutMs ?? 10_000;
  const request = options.fetch ?? fetch;

  return async function send(wish) {
    const url = `${base}${wish.path}`;
    try {
      const response = await request(url, {
        ...toInit(wish, options),
        signal: AbortSignal.timeout(wish.long ? timeoutMs * 6 : timeoutMs),
      });
      if (response.ok) return await readCapped(response, wish.maxBytes ?? answerMaxBytes);
      throw toError(response.status, await readCapped(response, problemMaxBytes));
    } catch (error) {
      if (error instanceof RegistryProblem || error instanceof RegistryUnavailable) throw error;
      throw new RegistryUnavailable(`The registry at ${options.baseUrl} did not answer: ${reasonOf(error)}`, {
        cause: error,
      });
    }
  };
}

function toInit(wish: RegistryRequest, { hostToken, operatorToken }: ClientOptions): RequestInit {
  const headers = new Headers({ accept: "application/json, application/problem+json, application/gzip" });
  // fetch itself names the boundary of a form.
  if (wish.json) headers.set("content-type", "application/json");
  const token = wish.asHost ? hostToken : wish.asOperator ? operatorToken : undefined;
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const body = wish.json ? JSON.stringify(wish.json) : wish.form;
  // A registry answers for itself: a redirect would carry a request to somewhere nobody configured.
  return { method: wish.method, headers, redirect: "error", ...(body === undefined ? {} : { body }) };
}

function toError(status: number, body: Buffer): Error {
  const problem = parseProblem(body);
  if (!problem) return new RegistryUnavailable(`The registry answered ${status} without saying why.`);
  const { code, detail, ...members } = problem;
  const refused = new RegistryProblem({ code, status, detail, members });
  const gone = status === 502 || status === 503 || status === 504;
  return gone
    ? new RegistryUnavailable(`The registry is not available: ${detail}`, { cause: refused })
    : refused;
}

function parseProblem(
  body: Buffer,
): ({ code: string; detail: string } & Record<string, unknown>) | undefined {
  try {
    const { code, detail = "", ...members } = JSON.parse(body.toString("utf8")) as Record<string, unknown>;
    return typeof code === "string" && typeof detail === "string" ? { ...members, code, detail } : undefined;
  } catch {
    return undefined;
  }
}

/** fetch hides what went wrong in a cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === "TimeoutError") return "it took too long.";
  const { cause } = error;
  return cause instanceof Error ? `${error.message}: ${cause.message}` : error.message;
}
