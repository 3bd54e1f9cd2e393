/** Name in lower case, and value. */
export type Header = readonly [name: string, value: string];

/** What a plugin asked for, checked: nothing below the validation looks at the payload again. */
export interface PluginRequest {
  method: string;
  /** As the plugin wrote it: no credential, no fragment, the vendor's own host. */
  url: URL;
  headers: readonly Header[];
  body: Uint8Array | null;
  redirect: "follow" | "manual" | "error";
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

/** What the vendor answered, decompressed and within the limit, before anything was taken out of it. */
export interface VendorResponse {
  status: number;
  statusText: string;
  headers: readonly Header[];
  body: Buffer;
}
