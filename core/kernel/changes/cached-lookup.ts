import type { Changes, ChangeTopic } from "./changes.ts";

export interface CachedLookup<V> {
  /** The value for `key`, from memory or from `load`. A value that is not there is not remembered. */
  get(key: string): Promise<V | undefined>;
}

/**
 * Remembers what `load` found until a change of `topic` is announced. `changeKey` says which announced key a value
 * belongs to, where it differs from the key it is looked up by (an API key is found by its hash, revoked by its id).
 */
export function createCachedLookup<V>(options: {
  changes: Changes;
  topic: ChangeTopic;
  load: (key: string) => Promise<V | undefined>;
  changeKey?: (value: V) => string;
  maxEntries?: number;
}): CachedLookup<V> {
  const { changes, topic, load, changeKey, maxEntries = 10_000 } = options;
  const entries = new Map<string, V>();
  const keysByChange = new Map<string, string>();
  // A load that started before a change may end after it: its value is used once and not kept.
  let generation = 0;

  changes.onChange(topic, (changed) => {
    generation += 1;
    drop(keysByChange.get(changed) ?? changed);
  });
  changes.onLost(() => {
    generation += 1;
    entries.clear();
    keysByChange.clear();
  });

  function drop(key: string): void {
    const value = entries.get(key);
    if (value === undefined) return;
    entries.delete(key);
    if (changeKey) keysByChange.delete(changeKey(value));
  }

  function keep(key: string, value: V): void {
    if (entries.size >= maxEntries) {
      const oldest = entries.keys().next().value;
      if (oldest !== undefined) drop(oldest);
    }
    entries.set(key, value);
    if (changeKey) keysByChange.set(changeKey(value), key);
  }

  return {
    async get(key) {
      const held = entries.get(key);
      if (held !== undefined) return held;
      const startedAt = generation;
      // Also when the line is back at the end: what changed while it was down was announced to nobody here.
      const wasConnected = changes.connected;
      const value = await load(key);
      if (value !== undefined && wasConnected && changes.connected && startedAt === generation)
        keep(key, value);
      return value;
    },
  };
}
