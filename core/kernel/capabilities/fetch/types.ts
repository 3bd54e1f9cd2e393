import type { FileBody, Header, PluginRequest as ReadRequest } from "@plugboard/plugin-sdk/exchange";
import type { RequestPath } from "@plugboard/plugin-sdk/manifest";

export type { Header, VendorResponse } from "@plugboard/plugin-sdk/exchange";

/** What a plugin asked for, checked. */
export interface PluginRequest extends ReadRequest {
  /** The URL's path, for whoever holds it against patterns. */
  path: RequestPath;
  /** In place of `body`, where it is not in memory. */
  streamed?: FileBody;
}

/** What goes out: the same with the credential in it. Never leaves the send step. */
export interface OutgoingRequest {
  method: string;
  url: URL;
  headers: readonly Header[];
  body: Uint8Array | null;
  route: Route;
}

/** Where the bytes go: to addresses that were found public, or to the operator's stand-in for this host. */
export type Route = { standIn: URL } | { addresses: readonly string[] };
