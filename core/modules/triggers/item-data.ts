import { createHash } from "node:crypto";
import type { Json } from "@plugboard/sandbox";

/** What a poll has found. */
export interface PolledItem {
  key: string;
  item: Json;
}

/** What stands for a key in the table of seen ones: as long whatever the key, and storable. */
export function keyDigest(key: string): Buffer {
  return createHash("sha256").update(key).digest();
}

/**
 * An item as the data of an event. jsonb takes neither NUL nor half a surrogate pair, so they are replaced; of what is
 * larger than an event may be only the key is told, so that whoever waits for it can read it.
 */
export function eventData({ key, item }: PolledItem, maxBytes: number): unknown {
  const data = storable(item);
  if (Buffer.byteLength(JSON.stringify(data)) <= maxBytes) return data;
  return { omitted: "event-too-large", key: storableText(key) };
}

function storable(value: Json): Json {
  if (typeof value === "string") return storableText(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(storable);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [storableText(name), storable(item)]),
  );
}

function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\ufffd");
}
