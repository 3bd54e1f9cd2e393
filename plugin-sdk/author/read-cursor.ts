import { PluginError } from "./plugin-error.ts";

/**
 * A cursor of more than one part, which the plugin has written as JSON. Nothing is said of its members: where callers of
 * actions hand cursors in, they may be anything.
 *
 * @throws PluginError `invalid-input`, for what is no object
 * @example
 * const { since, after } = cursor === null ? beginning : readCursor<Place>(cursor);
 * …
 * return { items, nextCursor: JSON.stringify({ since, after: next }) };
 */
export function readCursor<Place extends object>(cursor: string): Place {
  try {
    const place: unknown = JSON.parse(cursor);
    if (typeof place === "object" && place !== null && !Array.isArray(place)) return place as Place;
  } catch {
    // Said below.
  }
  throw new PluginError("invalid-input", "The cursor is none that this plugin gave.", {
    details: { pointer: "/cursor" },
  });
}
