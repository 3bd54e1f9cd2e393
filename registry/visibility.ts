import { type RawBuilder, sql } from "kysely";

/**
 * On whose behalf the catalog is read. Everything that tells of plugins takes one: lists, single reads, counts, entity
 * tags. There is no default, so that none forgets to ask.
 */
export interface Viewer {
  /** Sees the private plugins of this tenant besides the public ones. */
  tenantId: string | undefined;
}

/** Whoever is not known: sees what is public. */
export const everyone: Viewer = { tenantId: undefined };

/** Whether the viewer may know of a listing. @param ownerTenantId whose it is alone; null: everybody's */
export function maySee(viewer: Viewer, ownerTenantId: string | null): boolean {
  return ownerTenantId === null || ownerTenantId === viewer.tenantId;
}

/** The same for a query that reads the table `listings`. */
export function isVisibleTo(viewer: Viewer): RawBuilder<boolean> {
  if (viewer.tenantId === undefined) return sql<boolean>`listings.tenant_id is null`;
  return sql<boolean>`(listings.tenant_id is null or listings.tenant_id = ${viewer.tenantId})`;
}
