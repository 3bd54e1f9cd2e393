import type { Json } from "./context.ts";

/** The body of a request or reply, as hooks are handed it: one of the three, or none where there is no body. */
export interface HookedBody {
  /** It is JSON, whatever its content type says. */
  json?: Json;
  /** It is other text, in UTF-8. */
  text?: string;
  /** There is one that is not handed over, and cannot be changed: it is too large or too deep, or no text. */
  readonly withheld?: "large" | "binary";
}

/** A request of another plugin on its way to its vendor: before the credential is added. */
export interface HookedRequest extends HookedBody {
  readonly method: string;
  /** What stands behind `?` may be changed, and nothing in front of it. */
  url: string;
  /** By name in lower case. Those that the host sets cannot be changed, and neither can the request's idempotency key. */
  headers: { [name: string]: string };
}

/** What a vendor answered another plugin: after the credential was taken out. */
export interface HookedReply extends HookedBody {
  readonly status: number;
  /** By name in lower case. */
  headers: { [name: string]: string };
}
