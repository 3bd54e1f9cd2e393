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

/** What the vendor answered, decompressed and within the limit, before anything was taken out of it. */
export interface VendorResponse {
  status: number;
  statusText: string;
  headers: readonly Header[];
  body: Buffer;
}

/** What the plugin gets: without the credential, and without headers that are not for it. */
export interface PluginReply {
  status: number;
  statusText: string;
  url: string;
  headers: Header[];
  body: Uint8Array<ArrayBuffer>;
}

/** What a request can be authenticated with. */
export type UsableCredential =
  | { type: "apiKey"; key: string }
  | { type: "bearer"; token: string }
  | { type: "basic"; username: string; password: string }
  | { type: "oauth2"; accessToken: string };
