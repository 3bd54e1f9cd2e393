/**
 * Whether parsed JSON is nested deeper than `levels`, so that what reads it later by recursion is safe.
 * Stops at the first branch that is.
 */
export function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value))
    if (isDeeperThan(item, levels - 1)) return true;
  return false;
}

/** Whether there is a byte array in it. */
export function holdsBytes(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (value instanceof Uint8Array) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) if (holdsBytes(item)) return true;
  return false;
}

/** Whether the text takes more than `max` bytes as UTF-8; counts only when it may. */
export function isLargerThan(text: string, max: number): boolean {
  if (text.length > max) return true;
  return text.length * 3 > max && Buffer.byteLength(text) > max;
}
