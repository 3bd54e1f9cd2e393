import { ExchangeRefusal } from "./refusal.ts";
import type { PluginRequest, VendorResponse } from "./types.ts";

const redirectStatuses = [301, 302, 303, 307, 308];

/** Headers that describe a body and go with it (Fetch standard, "request-body-header name"). */
const bodyHeaders = ["content-encoding", "content-language", "content-location", "content-type"];

const conditionHeaders = ["if-none-match", "if-modified-since"];

/**
 * The request that a redirect asks for, as the Fetch standard makes it; undefined if there is none to follow.
 * Whether the target is granted and public is checked by the steps that every request passes.
 * @param hops how many redirects this one may be, and is
 * @throws ExchangeRefusal `fetch-redirect-refused`
 */
export function followRedirect(
  request: PluginRequest,
  response: VendorResponse,
  hops: { taken: number; most: number },
): PluginRequest | undefined {
  const location = locationOf(response);
  if (location === undefined || request.redirect === "manual") return undefined;
  if (request.redirect === "error") throw refused('and the request says `redirect: "error"`.');
  if (hops.taken >= hops.most) {
    const message = `The vendor redirected more than ${hops.most} times.`;
    throw new ExchangeRefusal("fetch-redirect-refused", message, "maxRedirects");
  }
  const url = URL.parse(latin1ToUtf8(location), request.url);
  if (!url) throw refused("to something that is no URL.");
  if (url.protocol !== "https:") throw refused(`to ${url.protocol}, and only https: is followed.`);
  if (url.username !== "" || url.password !== "")
    throw refused("to a URL with a user name or password in it.");
  url.hash = "";
  if (["GET", "HEAD"].includes(request.method)) {
    // They ask whether what was kept of the first place is right still.
    const headers = request.headers.filter(([name]) => !conditionHeaders.includes(name));
    return { ...request, url, headers };
  }
  if (!becomesGet(request.method, response.status)) return { ...request, url };
  const headers = request.headers.filter(([name]) => !bodyHeaders.includes(name));
  return { ...request, method: "GET", url, headers, body: null };
}

function refused(how: string): ExchangeRefusal {
  return new ExchangeRefusal("fetch-redirect-refused", `The vendor redirected ${how}`);
}

function locationOf({ status, headers }: VendorResponse): string | undefined {
  if (!redirectStatuses.includes(status)) return undefined;
  const locations = new Set(headers.filter(([name]) => name === "location").map(([, value]) => value));
  if (locations.size > 1) throw refused("to several places at once.");
  return [...locations][0];
}

function becomesGet(method: string, status: number): boolean {
  if (status === 303) return method !== "GET" && method !== "HEAD";
  return (status === 301 || status === 302) && method === "POST";
}

/** Node reads headers as Latin-1; what a vendor leaves unencoded in a Location is UTF-8 (Fetch standard). */
function latin1ToUtf8(text: string): string {
  return Buffer.from(text, "latin1").toString("utf8");
}
