import type { IncomingHttpHeaders } from "node:http";
import { isVendorsToHear } from "../../kernel/capabilities/index.ts";

/** Of this API, and nothing that a vendor should learn. */
const ours = ["x-request-id", "plugboard-host", "origin", "referer", "user-agent"];

/** What the caller says to the vendor: neither its own key for this API, nor what steers the connection. */
export function toVendor(headers: IncomingHttpHeaders): [string, string][] {
  return Object.entries(headers).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || ours.includes(name) || !isVendorsToHear(name)) return [];
    return [[name, Array.isArray(value) ? value.join(", ") : value]];
  });
}

/** What a vendor may say to whoever calls this API, besides headers of its own (`x-…`). */
const passed = [
  "accept-ranges",
  "content-disposition",
  "content-language",
  "content-type",
  "date",
  "etag",
  "last-modified",
  "link",
  "location",
  "ratelimit",
  "ratelimit-limit",
  "ratelimit-policy",
  "ratelimit-remaining",
  "ratelimit-reset",
  "retry-after",
  "vary",
];

/** What a web server in front of this host would obey, and serve a file of its own for: nginx, Apache, LiteSpeed, Perlbal. */
const ofServersInFront = /^x-(?:accel-|sendfile|lighttpd-|litespeed-|reproxy-|forwarded-|original-)/;

/** @param isSet whether the host has said something under this name: a vendor does not change what pages may do here */
export function fromVendor(
  headers: readonly (readonly [string, string])[],
  isSet: (name: string) => boolean,
): Record<string, string> {
  const kept = headers.filter(
    ([name]) =>
      passed.includes(name) ||
      (name.startsWith("x-") &&
        !name.startsWith("x-plugboard-") &&
        !ofServersInFront.test(name) &&
        !isSet(name)),
  );
  // Node refuses to write what a header cannot carry; a vendor's odd letters must not fail the whole answer.
  const writable = kept.filter(([, value]) => /^[\t\x20-\x7e\x80-\xff]*$/.test(value));
  const byName = Map.groupBy(writable, ([name]) => name);
  const said = Object.fromEntries(
    [...byName].map(([name, same]) => [name, same.map(([, value]) => value).join(", ")]),
  );
  // To the vendor it may be public; here it was asked for with a key, which no cache in front looks at.
  return {
    ...said,
    vary: said.vary ? `${said.vary}, Authorization` : "Authorization",
    "cache-control": "private, no-cache",
  };
}
