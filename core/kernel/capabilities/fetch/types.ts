import type { Header } from "@plugboard/plugin-sdk/exchange";

export type { Header, PluginRequest, VendorResponse } from "@plugboard/plugin-sdk/exchange";

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
