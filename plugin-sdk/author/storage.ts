import type { Json } from "./context.ts";

/**
 * What a plugin remembers for one install: JSON under keys, shared by all connections of the install, seen by nobody
 * else, gone with the install. It is there when plugin.json asks for `permissions.storage`, and holds at most
 * `maxBytes` of it.
 *
 * A key has 1 to 256 characters, none of them a control character. What is refused is an Error with a `code`:
 * - `storage-conflict`: `ifVersion` is not the version that the key has; read it again;
 * - `storage-quota-exceeded`: the install's storage would hold more than `maxBytes`;
 * - `storage-value-too-large`: the value takes more bytes than one may;
 * - `storage-too-many-keys`: the install has as many keys as it may;
 * - `storage-invalid-argument`: a key, value or option is not what it must be.
 *
 * @example
 * const cursor = await storage.get("cursor");
 * await storage.set("cursor", page.nextCursor);
 */
export interface Storage {
  /** The value under a key; undefined when there is none. */
  get(key: string): Promise<Json | undefined>;

  /** The value with its version, to change it only if nobody else did meanwhile. */
  entry(key: string): Promise<StorageEntry | undefined>;

  /**
   * Writes a value, and answers the version that it has from then on.
   *
   * @example
   * const counter = await storage.entry("counter");
   * await storage.set("counter", Number(counter?.value ?? 0) + 1, { ifVersion: counter?.version ?? null });
   */
  set(key: string, value: Json, options?: StorageSetOptions): Promise<{ version: string }>;

  /** Removes a key; false when there was none. */
  delete(key: string, options?: StorageDeleteOptions): Promise<boolean>;

  /**
   * The keys, one page of them, in the order of their code points.
   *
   * @example
   * for (let after: string | null | undefined; after !== null; ) {
   *   const page = await storage.list({ prefix: "order:", after });
   *   for (const key of page.keys) await storage.delete(key);
   *   after = page.next;
   * }
   */
  list(options?: StorageListOptions): Promise<{ keys: string[]; next: string | null }>;

  /** What is held and what may be, in bytes: of the keys, and of the values as JSON. */
  usage(): Promise<{ bytes: number; maxBytes: number }>;
}

/** A value as it is held, for a write that must not undo somebody else's. */
export interface StorageEntry {
  value: Json;
  /** Another one after every write. */
  version: string;
}

/** On which condition `set` writes. */
export interface StorageSetOptions {
  /** Write only if the key has this version; with null, only if there is no such key. */
  ifVersion?: string | null | undefined;
}

/** On which condition `delete` removes. */
export interface StorageDeleteOptions {
  /** Remove only if the key has this version. */
  ifVersion?: string | undefined;
}

/** Which keys `list` answers. */
export interface StorageListOptions {
  /** Only the keys that begin with this. */
  prefix?: string | undefined;
  /** From 1 to 1,000; default 100. */
  limit?: number | undefined;
  /** `next` of the page before. */
  after?: string | null | undefined;
}
