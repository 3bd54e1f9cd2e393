import type { Header, Scrubber } from "../exchange/index.ts";

/** A request as it goes out, with the credential in it. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  headers: readonly Header[];
  body: Uint8Array<ArrayBuffer> | null;
}

/** What else is known of a request that goes out. */
export interface Sent {
  /** The request before the credential was added. */
  asWritten: OutgoingRequest;
  /** Takes the credential out of whatever is kept. */
  scrubber: Scrubber;
}

/** Whoever answers: the vendor, or what stands for it. Redirects are not followed. */
export type Send = (request: OutgoingRequest, signal: AbortSignal, sent: Sent) => Promise<Response>;
