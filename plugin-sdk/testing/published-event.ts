import type { Json } from "../author/index.ts";

/** An event that the plugin published. In a file of its own: authors see this type, and none of the sandbox's. */
export interface PublishedEvent {
  id: string;
  type: string;
  data: Json;
  dedupeKey?: string;
}
