import { qualityOf } from "../ranking.ts";
import type { ValueKind, Values } from "./values.ts";

/** What search holds in memory of a listing, beside its words. */
export interface Entry {
  /** `publisher/name` */
  plugin: string;
  /** Whose it is alone; null: everybody's. */
  tenantId: string | null;
  verified: boolean;
  deprecated: boolean;
  categories: string[];
  keywords: string[];
  pricing: string;
  /** Kinds: `network`, `storage`, … */
  permissions: string[];
  /** Names of network hosts, without ports. */
  hosts: string[];
  /** The semver range of hosts that it runs on, as its manifest has it. */
  hostRange: string;
  /** Milliseconds since 1970. */
  updatedAt: number;
  /** Tenants that have it. */
  installs: number;
  /** The Bayesian mean; 0 where nobody rated it. */
  ratingScore: number;
  ratingCount: number;
}

/** An entry as it is kept: with what follows from it, and with the numbers of the values that it shares with others. */
export interface IndexedEntry
  extends Omit<Entry, "categories" | "keywords" | "pricing" | "permissions" | "hostRange"> {
  /** What stands behind the publisher's name. */
  name: string;
  quality: number;
  /** Of facets, each once. */
  values: number[];
  /** Without regard to case, each once. */
  keywords: number[];
}

export function toIndexed(entry: Entry, values: Values): IndexedEntry {
  const { categories, keywords, pricing, permissions, hostRange, ...rest } = entry;
  const { installs, ratingScore, ratingCount, plugin, verified } = entry;
  const numbers = (kind: ValueKind, all: string[]) =>
    [...new Set(all)].map((value) => values.numberOf(kind, value));
  return {
    ...rest,
    name: plugin.slice(plugin.indexOf("/") + 1),
    quality: qualityOf({ installs, ratingScore, ratingCount }),
    values: [
      ...numbers("category", categories),
      values.numberOf("pricing", pricing),
      values.numberOf("verified", String(verified)),
      ...numbers("permission", permissions),
      values.numberOf("hostRange", hostRange),
    ],
    keywords: numbers(
      "keyword",
      keywords.map((keyword) => keyword.toLowerCase()),
    ),
  };
}
