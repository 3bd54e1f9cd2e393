import type { RegistryDatabase } from "../tables.ts";
import type { Entry, ListingIndex } from "./listing-index/index.ts";
import * as queries from "./queries.ts";
import type { PlacedWords } from "./word-index/index.ts";
import { wordsOf } from "./words.ts";

/** Keeps an index as the catalog is, in every process by itself. */
export interface Follower {
  /** Resolves when the index holds everything that was committed before the call. */
  catchUp(): Promise<void>;
  /** Goes up whenever the index changes. */
  readonly state: number;
}

const pageRows = 1000;

/** Few enough that other requests are answered in between, while a large catalog is read in. */
const filledAtOnce = 200;

/**
 * Fills an empty index at the first call, and reads what changed since at each further one. Calls that come while
 * one is being answered share the next: a hundred searches at once ask the database twice.
 */
export function followCatalog({ db, index }: { db: RegistryDatabase; index: ListingIndex }): Follower {
  /** By plugin, when its texts changed last. */
  const textsOf = new Map<string, string>();
  let horizon: string | undefined;
  let state = 0;
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  function put(row: queries.IndexRow): void {
    const same = textsOf.get(row.plugin) === row.listing_changed_in;
    textsOf.set(row.plugin, row.listing_changed_in);
    index.put(toEntry(row), same ? undefined : toWords(row));
    state++;
  }

  function remove(plugin: string): void {
    index.remove(plugin);
    textsOf.delete(plugin);
    state++;
  }

  async function fill(): Promise<string> {
    const from = await queries.findHorizon(db);
    await queries.readForIndex(db, filledAtOnce, (rows) => {
      for (const row of rows) put(row);
    });
    return from;
  }

  /** The database is another one than before, or an older state of it: nothing that is known need be true. */
  async function refill(): Promise<void> {
    for (const plugin of textsOf.keys()) remove(plugin);
    horizon = undefined;
    await update();
  }

  async function update(): Promise<void> {
    horizon ??= await fill();
    const changes = await queries.listChanges(db, horizon);
    if (changes.isAhead) return refill();
    for (let start = 0; start < changes.plugins.length; start += pageRows) {
      const plugins = changes.plugins.slice(start, start + pageRows);
      const gone = new Set(plugins);
      for (const row of await queries.listChangedForIndex(db, plugins)) {
        gone.delete(row.plugin);
        put(row);
      }
      for (const plugin of gone) remove(plugin);
    }
    horizon = changes.horizon;
  }

  async function run(): Promise<void> {
    try {
      await update();
    } finally {
      running = undefined;
    }
  }

  return {
    get state() {
      return state;
    },
    catchUp() {
      if (!running) {
        running = run();
        return running;
      }
      // What runs may have looked before the caller's change was committed.
      next ??= running
        .catch(() => {})
        .then(() => {
          next = undefined;
          running = run();
          return running;
        });
      return next;
    },
  };
}

/** Names count most, then what it is about, then the description. */
function toWords(row: queries.IndexRow): PlacedWords {
  const [publisher = "", name = ""] = row.plugin.split("/");
  return [
    wordsOf(`${name} ${row.display_name}`),
    wordsOf([publisher, ...row.keywords, ...row.categories].join(" ")),
    wordsOf(row.description),
  ];
}

function toEntry(row: queries.IndexRow): Entry {
  return {
    plugin: row.plugin,
    tenantId: row.tenant_id,
    verified: row.verified,
    deprecated: row.deprecated,
    categories: row.categories,
    keywords: row.keywords,
    pricing: row.pricing,
    permissions: row.permission_kinds,
    hosts: row.network_hosts,
    hostRange: row.host_range,
    updatedAt: row.updated_at.getTime(),
    installs: row.installs_active ?? 0,
    ratingScore: row.rating_score ?? 0,
    ratingCount: row.rating_count ?? 0,
  };
}
