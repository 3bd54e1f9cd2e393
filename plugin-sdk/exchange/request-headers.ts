import { ExchangeRefusal } from "./refusal.ts";
import type { Header } from "./types.ts";

const maxHeaders = 128;
const maxHeaderBytes = 32 * 1024;

/** RFC 9110, section 5.6.2 (token) and 5.5 (field-value, obs-text included). No CR, LF or NUL gets through either. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Set by the host, whatever the plugin says. Dropped without a word, as every `fetch` does, because vendors' own
 * client libraries set them (their placeholder key in `Authorization` above all). `accept-charset` is among them
 * because an echo in a charset that the scrubber does not read would pass it.
 */
const setByHost = new Set([
  "accept-charset",
  "accept-encoding",
  "authorization",
  "connection",
  "content-length",
  "host",
  "keep-alive",
]);

/**
 * No honest plugin needs these, and each is a way around something: around framing, the grant, or the scrubber. A grant
 * of a method is kept as far as HTTP goes; what a vendor reads out of a query or a body (`?_method=DELETE`) is the
 * vendor's own idea of what the method may do.
 */
const refused = new Map([
  ...["expect", "http2-settings", "te", "trailer", "transfer-encoding", "upgrade", "via"].map(
    (name) => [name, "it steers the connection, which is the host's"] as const,
  ),
  ...["cookie", "cookie2"].map(
    (name) => [name, "plugins have no cookies; a credential belongs in the connection"] as const,
  ),
  ...["x-http-method", "x-http-method-override", "x-method", "x-method-override", "x-original-method"].map(
    (name) => [name, "it would change the method that was granted"] as const,
  ),
  ...["forwarded", "x-host", "x-original-host", "x-original-url", "x-real-ip", "x-rewrite-url"].map(
    (name) => [name, "it would change the target that was granted"] as const,
  ),
  ...["if-range", "range"].map(
    (name) => [name, "replies are read whole, so that no credential slips through in pieces"] as const,
  ),
  ["__proto__", "it is no header"],
]);

const refusedPrefixes = ["proxy-", "sec-", "x-forwarded-"];

/**
 * The name as a vendor's framework may see it: CGI, and what has learned from it, writes every letter but A-Z and 0-9 as
 * an underscore, so that `Transfer_Encoding` is `Transfer-Encoding` behind it.
 */
export function canonicalName(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "-");
}

/** Whether a header of somebody's request to this host can go on to a vendor: not what is the host's, nor a credential. */
export function isVendorsToHear(name: string): boolean {
  const canonical = canonicalName(name);
  return !(
    setByHost.has(canonical) ||
    refused.has(name) ||
    refused.has(canonical) ||
    refusedPrefixes.some((prefix) => canonical.startsWith(prefix))
  );
}

/**
 * Checks a plugin's headers and leaves out those that the host sets.
 * @throws ExchangeRefusal `fetch-invalid-request`
 */
export function checkHeaders(headers: unknown): Header[] {
  if (!Array.isArray(headers)) throw invalid("`headers` must be a list of [name, value] pairs.");
  if (headers.length > maxHeaders)
    throw invalid(`A request may have ${maxHeaders} headers, not ${headers.length}.`);
  const checked = headers.map(checkHeader);
  const bytes = checked.reduce((sum, [name, value]) => sum + name.length + value.length + 4, 0);
  if (bytes > maxHeaderBytes)
    throw invalid(`The headers may take ${maxHeaderBytes} bytes together, not ${bytes}.`);
  return checked.filter(([name]) => !setByHost.has(canonicalName(name)));
}

function checkHeader(header: unknown): Header {
  if (!isPair(header)) throw invalid("Each header must be a [name, value] pair of strings.");
  const name = header[0].toLowerCase();
  const value = header[1].replace(/^[\t ]+|[\t ]+$/g, "");
  if (!token.test(name))
    throw invalid("A header's name may hold letters, digits and !#$%&'*+-.^_`|~ only (RFC 9110).");
  if (!fieldValue.test(value)) {
    throw invalid(
      `The value of header "${name}" holds a line break, another control character, or one beyond Latin-1.`,
    );
  }
  const canonical = canonicalName(name);
  const reason =
    refused.get(name) ??
    refused.get(canonical) ??
    (refusedPrefixes.some((prefix) => canonical.startsWith(prefix)) ? "it is the host's to set" : undefined);
  if (reason) throw invalid(`A plugin may not set the header "${name}": ${reason}. Leave it out.`);
  return [name, value];
}

function isPair(header: unknown): header is [string, string] {
  return Array.isArray(header) && header.length === 2 && header.every((part) => typeof part === "string");
}

function invalid(message: string): ExchangeRefusal {
  return new ExchangeRefusal("fetch-invalid-request", message);
}
