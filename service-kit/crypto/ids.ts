import { randomUUIDv7 } from "node:crypto";

/**
 * A new identifier: `<prefix>_` and the 32 hex digits of a UUID version 7 (RFC 9562), which sorts by
 * the time it was made, so that indexes on it stay compact.
 *
 * @param prefix says what the id is of: `tnt`, `key`, `ins`, `con`, `pub`, `evt`, …
 */
export function newId(prefix: string): string {
  return `${prefix}_${randomUUIDv7().replaceAll("-", "")}`;
}
