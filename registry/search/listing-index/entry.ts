import { qualityOf } from "../ranking.ts";

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

/** An entry with what follows from it and every search would have to work out again. */
export interface IndexedEntry extends Entry {
  /** What stands behind the publisher's name. */
  name: string;
  quality: number;
}

/** Values that are the same in thousands of listings are held once. */
export function toIndexed(entry: Entry, intern: (text: string) => string): IndexedEntry {
  return {
    ...entry,
    categories: entry.categories.map(intern),
    keywords: entry.keywords.map((keyword) => intern(keyword.toLowerCase())),
    pricing: intern(entry.pricing),
    permissions: entry.permissions.map(intern),
    hostRange: intern(entry.hostRange),
    name: entry.plugin.slice(entry.plugin.indexOf("/") + 1),
    quality: qualityOf({
      installs: entry.installs,
      ratingScore: entry.ratingScore,
      ratingCount: entry.ratingCount,
    }),
  };
}
