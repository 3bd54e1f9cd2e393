import { ExchangeRefusal } from "./refusal.ts";
import { checkHeaders } from "./request-headers.ts";
import type { PluginRequest } from "./types.ts";

/** CONNECT and TRACE are left out: one opens tunnels, the other exists to echo the request, credential included. */
const methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
const methodsWithoutBody = ["GET", "HEAD"];
const redirectModes = ["follow", "manual", "error"] as const;
const members = ["method", "url", "headers", "body", "redirect"];
const maxUrlLength = 8192;

/**
 * Turns what came out of the sandbox, which may be anything, into a request.
 * @throws ExchangeRefusal `fetch-invalid-request`, `fetch-request-too-large`
 */
export function readRequest(payload: unknown, limits: { maxRequestBytes: number }): PluginRequest {
  if (!isPlainObject(payload)) throw invalid("A request must be an object { method, url, headers, body }.");
  const unknown = Object.keys(payload).find((key) => !members.includes(key));
  if (unknown !== undefined)
    throw invalid(`A request has ${members.join(", ")}; it has an unknown member as well.`);
  const method = checkMethod(payload.method);
  const body = checkBody(payload.body, limits.maxRequestBytes);
  if (body && methodsWithoutBody.includes(method)) throw invalid(`A ${method} request may not have a body.`);
  return {
    method,
    url: checkUrl(payload.url),
    headers: checkHeaders(payload.headers),
    body,
    redirect: checkRedirect(payload.redirect),
  };
}

function checkMethod(method: unknown): string {
  const upper = typeof method === "string" ? method.toUpperCase() : "";
  if (!methods.includes(upper)) throw invalid(`The method must be one of ${methods.join(", ")}.`);
  return upper;
}

function checkUrl(text: unknown): URL {
  if (typeof text !== "string") throw invalid("The URL must be a string.");
  if (text.length > maxUrlLength)
    throw invalid(`The URL may have ${maxUrlLength} characters, not ${text.length}.`);
  const url = URL.parse(text);
  if (!url) throw invalid("The URL must be absolute and well-formed.");
  if (url.protocol !== "https:") throw invalid(`The URL must begin with https://, not ${url.protocol}.`);
  if (url.username !== "" || url.password !== "") {
    throw invalid("The URL may not hold a user name or password; the host adds the connection's credential.");
  }
  url.hash = "";
  return url;
}

function checkBody(body: unknown, maxBytes: number): Uint8Array | null {
  if (body === null || body === undefined) return null;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  // Shared memory could be changed by the plugin's thread after the checks.
  if (!(bytes instanceof Uint8Array) || !(bytes.buffer instanceof ArrayBuffer)) {
    throw invalid("The body must be a string, a Uint8Array or null.");
  }
  if (bytes.byteLength > maxBytes) {
    throw new ExchangeRefusal(
      "fetch-request-too-large",
      `The request's body has ${bytes.byteLength} bytes; ${maxBytes} are the most it may have.`,
      "maxRequestBytes",
    );
  }
  return bytes;
}

function checkRedirect(mode: unknown): PluginRequest["redirect"] {
  const found = redirectModes.find((known) => known === (mode ?? "follow"));
  if (!found) throw invalid(`\`redirect\` must be one of ${redirectModes.join(", ")}.`);
  return found;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}

function invalid(message: string): ExchangeRefusal {
  return new ExchangeRefusal("fetch-invalid-request", message);
}
