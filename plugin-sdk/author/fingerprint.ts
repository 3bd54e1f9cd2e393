import type { Json } from "./context.ts";

/**
 * A few characters by which two states of one record are told apart (FNV-1a of 32 bits), such as in a `dedupeKey` where the
 * vendor's times are whole seconds. The order of members counts: of a vendor that changes it, hand over what you have put in
 * order. It hides nothing, and anybody can make another value with the same.
 *
 * @example
 * dedupeKey: (order) => `${order.id}@${order.updatedAt}#${fingerprint(order)}`,
 */
export function fingerprint(value: Json | object): string {
  const text = JSON.stringify(value);
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return (hash >>> 0).toString(36);
}
