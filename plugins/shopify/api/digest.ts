/** FNV-1a of 32 bits: to tell two states of one record apart, and no secret. */
export function digestOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return `#${(hash >>> 0).toString(36)}`;
}
