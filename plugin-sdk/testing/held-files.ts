/**
 * The files of the tenant, in memory. As in a host the plugin sees those that it made, and in a call of an action those that
 * the input hands over; each is gone after a day of the test's clock.
 */
export interface HeldFiles {
  /** Puts one in, as an application does. @returns its id, for an action's input with `Type.File()` */
  put(content: string | Uint8Array, about?: { name?: string; contentType?: string }): string;
  /** What is in a file, such as one whose id an action answered; undefined when there is none. */
  content(id: string): Uint8Array | undefined;
  /** All that there are, the oldest first. */
  all(): { id: string; name: string | null; contentType: string; size: number; sha256: string }[];
}
