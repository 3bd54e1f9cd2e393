import { packageLimits } from "../../../package/index.ts";
import type { Client } from "../../http/index.ts";
import { at, type PageRequest, pluginPath, toQuery } from "./path.ts";
import * as schemas from "./schemas.ts";

/** See docs/registry.md. */
export interface SearchQuery {
  q?: string;
  category?: string[];
  pricing?: string[];
  permission?: string[];
  networkHost?: string;
  hostVersion?: string;
  verified?: boolean;
  deprecated?: boolean;
  sort?: string;
  facets?: boolean;
  limit?: number;
  cursor?: string;
}

const tarballTimeoutMs = 300_000;
/** A host reads the list whole, however long it is. */
const revocationsMaxBytes = 64 * 1024 * 1024;

/** What a registry has, and what vouches for it. */
export function catalogOf({ ask, send }: Client) {
  return {
    search: (query: SearchQuery) => ask(schemas.SearchPage, `/-/search${toQuery(query)}`),
    /** @param plugin `publisher/name` */
    getPlugin: (plugin: string) => ask(schemas.Listing, pluginPath(plugin)),
    getVersion: (plugin: string, version: string) =>
      ask(schemas.Version, pluginPath(plugin) + at`/${version}`),
    getSignatures: (plugin: string, version: string) =>
      ask(schemas.Signatures, `${pluginPath(plugin)}${at`/${version}`}/signatures`),
    /** The bytes as they came. */
    getTarball: (plugin: string, version: string) =>
      send(`${pluginPath(plugin)}${at`/${version}`}/tarball`, {
        maxBytes: packageLimits.packedBytes,
        timeoutMs: tarballTimeoutMs,
      }),
    getRoot: () => ask(schemas.Root, "/root"),
    getRootVersion: (version: number) => ask(schemas.Root, at`/root/${String(version)}`),
    getCheckpoint: async () => (await ask(schemas.SignedCheckpoint, "/checkpoint")).checkpoint,
    getRevocations: () =>
      ask(schemas.Revocations, "/revocations", {
        maxBytes: revocationsMaxBytes,
        timeoutMs: tarballTimeoutMs,
      }),
    listReviews: (plugin: string, query: PageRequest & { sort?: string }) =>
      ask(schemas.Reviews, `${pluginPath(plugin)}/reviews${toQuery(query)}`),
  };
}
