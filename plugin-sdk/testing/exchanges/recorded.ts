import { isDeepStrictEqual } from "node:util";
import type { Json } from "../../author/index.ts";

/** One request of a plugin and what it was answered, as it stands in a file: for people to read and to change. */
export interface RecordedExchange {
  request: { method: string; url: string; headers: RecordedHeaders } & RecordedBody;
  /** `statusText` where it is another than the status has in general. */
  response: { status: number; statusText?: string; headers: RecordedHeaders } & RecordedBody;
}

export type RecordedHeaders = { [name: string]: string };

/** A body: JSON where it is that, else text, else bytes; none of them where there is none. */
export interface RecordedBody {
  json?: Json;
  text?: string;
  base64?: string;
}

export function recordBody(bytes: Uint8Array, contentType: string | undefined): RecordedBody {
  if (bytes.byteLength === 0) return {};
  const text = Buffer.from(bytes).toString("utf8");
  if (!Buffer.from(text).equals(bytes)) return { base64: Buffer.from(bytes).toString("base64") };
  return /\bjson\b/i.test(contentType ?? "") ? jsonOf(text) : { text };
}

/** What JSON in a file would change (a number that JavaScript rounds, a name that stands twice) stays text. */
function jsonOf(text: string): RecordedBody {
  try {
    const json: Json = JSON.parse(text);
    const isSame = JSON.stringify(json).replace(/\s/g, "") === text.replace(/\s/g, "");
    return isSame ? { json } : { text };
  } catch {
    return { text };
  }
}

export function bodyOf({ json, text, base64 }: RecordedBody): Buffer<ArrayBuffer> | null {
  if (json !== undefined) return Buffer.from(JSON.stringify(json));
  if (text !== undefined) return Buffer.from(text);
  return base64 === undefined ? null : Buffer.from(base64, "base64");
}

/** The same members in whatever order are the same body. */
export function isSameBody(one: RecordedBody, other: RecordedBody): boolean {
  const only = ({ json, text, base64 }: RecordedBody) => ({ json, text, base64 });
  return isDeepStrictEqual(only(one), only(other));
}
