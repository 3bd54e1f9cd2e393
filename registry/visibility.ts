import { prepared } from "@plugboard/service-kit/database";
import { type Compilable, type RawBuilder, sql } from "kysely";
import type { RegistryDatabase } from "./tables.ts";

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

/** A query that is asked often, prepared once for everybody and once for those who see a tenant's plugins besides. */
export function preparedFor<Parameters extends object, Row>(
  build: (db: RegistryDatabase, parameters: Parameters, viewer: Viewer) => Compilable<Row>,
): (db: RegistryDatabase, viewer: Viewer, parameters: Parameters) => Promise<Row[]> {
  const forEveryone = prepared((db: RegistryDatabase, parameters: Parameters) =>
    build(db, parameters, everyone),
  );
  const forTenant = prepared((db: RegistryDatabase, parameters: Parameters & { tenantId: string }) =>
    build(db, parameters, { tenantId: parameters.tenantId }),
  );
  return (db, { tenantId }, parameters) =>
    tenantId === undefined ? forEveryone(db, parameters) : forTenant(db, { ...parameters, tenantId });
}
