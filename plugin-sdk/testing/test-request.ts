import type { Json } from "../author/index.ts";

/** A request that the plugin made, as it wrote it: without a credential, which is the host's to add. */
export interface TestRequest {
  method: string;
  url: string;
  /** By name in lower case. */
  headers: { [name: string]: string };
  /** The body as text; "" when there is none. */
  body: string;
  /** The body, where it is JSON; else undefined. */
  json: Json | undefined;
  /** What it was answered; undefined when it was refused. */
  status?: number;
  /** The code of what refused it, such as `fetch-not-granted`. */
  refused?: string;
}
