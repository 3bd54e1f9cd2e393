import type { RegistryDatabase } from "../tables.ts";

/**
 * Who writes, votes or reports. Both parts are opaque: the host knows the tenant, and hands out a keyed hash for whoever
 * acts in it, so that nobody here can tell who it is, or that it is somebody whom another host knows too. The two
 * together are one author: the same reference of another tenant is somebody else.
 */
export interface Author {
  tenantId: string;
  reference: string;
}

/** An author, and the host that vouches for them. */
export interface HostedAuthor extends Author {
  host: string;
}

/** Whether somebody belongs to a publisher, whose plugins they then neither review nor vote on. */
export type IsMemberOf = (db: RegistryDatabase, publisher: string, author: Author) => Promise<boolean>;

/** @returns the publisher of a plugin `publisher/name` */
export function publisherOf(plugin: string): string {
  return plugin.slice(0, plugin.indexOf("/"));
}
