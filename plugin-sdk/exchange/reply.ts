import type { Scrubber } from "./scrub/index.ts";
import type { Header, PluginReply, VendorResponse } from "./types.ts";

/**
 * Not passed on: what belongs to the connection (RFC 9110, section 7.6.1), cookies, which plugins do not have, and
 * what describes the body as it was on the wire.
 */
const dropped = new Set([
  "connection",
  "content-encoding",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authentication-info",
  "proxy-connection",
  "set-cookie",
  "set-cookie2",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether plugins are told of a reply's header of this name. */
export function isPassedOn(name: string): boolean {
  return !dropped.has(name);
}

/**
 * What the plugin gets: the scrubbed response. `url` is the one it was fetched from, without the credential.
 * @param body the response's, scrubbed already
 */
export function toReply(
  request: { method: string; url: URL },
  response: VendorResponse,
  body: Uint8Array<ArrayBuffer>,
  scrubber: Scrubber,
): PluginReply {
  const connectionOptions = response.headers
    .filter(([name]) => name === "connection")
    .flatMap(([, value]) => value.toLowerCase().split(","))
    .map((name) => name.trim());
  const headers = response.headers.filter(
    ([name]) =>
      !dropped.has(name) &&
      !connectionOptions.includes(name) &&
      !(name === "content-length" && request.method !== "HEAD"),
  );
  const reply = {
    status: response.status,
    statusText: response.statusText,
    url: request.url.href,
    headers,
    body,
  };
  // One look at everything beside the body, because hardly ever there is something in it.
  if (!scrubber.finds([reply.statusText, reply.url, ...headers.flat()].join("\n"))) return reply;
  return {
    ...reply,
    statusText: scrubber.text(reply.statusText),
    url: scrubber.text(reply.url),
    headers: headers
      .filter(([name]) => !scrubber.finds(name))
      .map(([name, value]): Header => [name, scrubber.text(value)]),
  };
}
