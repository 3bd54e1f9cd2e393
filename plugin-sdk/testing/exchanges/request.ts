import type { OutgoingRequest } from "../../egress/index.ts";
import type { Header } from "../../exchange/index.ts";
import { type RecordedExchange, type RecordedHeaders, recordBody } from "./recorded.ts";

/** A request as it is recorded, and looked for when it is replayed. */
export function recordRequest({ method, url, headers, body }: OutgoingRequest): RecordedExchange["request"] {
  const recorded = recordHeaders(headers);
  return {
    method,
    url: url.href,
    headers: recorded,
    ...recordBody(body ?? new Uint8Array(), recorded["content-type"]),
  };
}

/** What differs from run to run and says nothing to a plugin. */
const volatile = new Set([
  "age",
  "alt-svc",
  "cf-ray",
  "content-length",
  "date",
  "nel",
  "report-to",
  "server",
  "via",
]);

export function recordHeaders(headers: readonly Header[]): RecordedHeaders {
  const joined = new Map<string, string>();
  for (const [name, value] of headers) {
    if (volatile.has(name)) continue;
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  return Object.fromEntries([...joined].sort(([one], [other]) => (one < other ? -1 : 1)));
}
