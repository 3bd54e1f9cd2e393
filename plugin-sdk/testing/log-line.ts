import type { Json } from "../author/index.ts";

/** A line that the plugin logged. */
export interface LogLine {
  level: string;
  message: string;
  fields?: Json;
}
