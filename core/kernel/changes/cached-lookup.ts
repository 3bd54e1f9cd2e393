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
  const loads = new Map<string, Load<V>>();
  /** Those that somebody still waits for, also after a change made them useless for anybody else. */
  const underWay = new Set<Load<V>>();

  changes.onChange(topic, (changed) => {
    // A load that began before the change may end after it: its value is used by those who asked before, and not kept.
    for (const load of underWay) load.changed.add(changed);
    // By what a value is announced is not known before it is loaded.
    if (changeKey) loads.clear();
    else loads.delete(changed);
    drop(keysByChange.get(changed) ?? changed);
  });
  changes.onLost(() => {
    for (const load of underWay) load.isLost = true;
    loads.clear();
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

  function begin(key: string): Load<V> {
    // Also when the line is back at the end: what changed while it was down was announced to nobody here.
    const begun: Load<V> = { changed: new Set(), isLost: !changes.connected, value: load(key) };
    underWay.add(begun);
    if (!begun.isLost) loads.set(key, begun);
    const end = () => {
      underWay.delete(begun);
      if (loads.get(key) === begun) loads.delete(key);
    };
    begun.value.then((value) => {
      end();
      if (value === undefined || begun.isLost || !changes.connected) return;
      if (!begun.changed.has(changeKey ? changeKey(value) : key)) keep(key, value);
    }, end);
    return begun;
  }

  return {
    async get(key) {
      return entries.get(key) ?? (loads.get(key) ?? begin(key)).value;
    },
  };
}

/** One look for a value, of all who ask for it at the time. */
interface Load<V> {
  value: Promise<V | undefined>;
  /** What was announced since it began. */
  changed: Set<string>;
  /** It began, or went on, while changes may have been missed. */
  isLost: boolean;
}
