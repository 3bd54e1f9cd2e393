import { type KeyManagement, newId } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";
import { makeFirstDataKey, makeReferenceKey } from "../vault/index.ts";
import * as queries from "./queries.ts";

export interface Tenant {
  id: string;
  name: string;
  createdAt: string;
  /** Since when it is being erased; null while it is not. */
  erasingSince: string | null;
}

export interface Tenants {
  create(input: { name: string }): Promise<Tenant>;
  /** One page in the order of creation; one row more than `limit` tells that there is a next page. */
  list(page: PageRequest): Promise<Tenant[]>;
  /** @throws `tenant-not-found` */
  get(id: string): Promise<Tenant>;
}

export function createTenants(options: { db: Kysely<CoreDatabase>; keys: KeyManagement }): Tenants {
  const { db, keys } = options;
  return {
    async create({ name }) {
      const tenant = { id: newId("tnt"), name, wrapped_reference_key: await makeReferenceKey(keys) };
      return db.transaction().execute(async (tx) => {
        const row = await queries.insertTenant(tx, tenant);
        await makeFirstDataKey(tx, keys, row.id);
        return toTenant(row);
      });
    },
    async list(page) {
      return (await queries.listTenants(db, page)).map(toTenant);
    },
    async get(id) {
      const row = await queries.findTenant(db, id);
      if (!row)
        throw coreError("tenant-not-found", `There is no tenant "${id}". GET /api/v1/tenants lists them.`);
      return toTenant(row);
    },
  };
}

function toTenant(row: { id: string; name: string; created_at: Date; erasing_since: Date | null }): Tenant {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    erasingSince: row.erasing_since?.toISOString() ?? null,
  };
}
