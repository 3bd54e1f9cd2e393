import type { Expected, ListRequest, NewValue } from "./arguments.ts";

/** What the storage of one install can do, over stored values or over staged ones. The arguments are checked. */
export interface Store {
  entry(key: string): Promise<{ text: string; version: string } | undefined>;
  /** @returns the new version. @throws CapabilityError `storage-conflict`, `storage-quota-exceeded`, … */
  set(key: string, value: NewValue, expected: Expected): Promise<string>;
  /** @returns whether there was something. @throws CapabilityError `storage-conflict` */
  delete(key: string, expectedVersion: string | undefined): Promise<boolean>;
  /** At most `limit` keys, in the order of their bytes. */
  list(request: ListRequest): Promise<string[]>;
  usedBytes(): Promise<number>;
}
