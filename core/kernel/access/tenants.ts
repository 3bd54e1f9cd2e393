import { generateDataKey, type MasterKey, newId, wrapKey } from "@plugboard/service-kit/crypto";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { PageRequest } from "../paging.ts";
import * as queries from "./queries.ts";

export interface Tenant {
  id: string;
  name: string;
  createdAt: string;
}

export interface Tenants {
  create(input: { name: string }): Promise<Tenant>;
  /** One page in the order of creation; one row more than `limit` tells that there is a next page. */
  list(page: PageRequest): Promise<Tenant[]>;
  /** @throws `tenant-not-found` */
  get(id: string): Promise<Tenant>;
}

export function createTenants(options: { db: Kysely<CoreDatabase>; masterKey: MasterKey }): Tenants {
  const { db, masterKey } = options;
  return {
    async create({ name }) {
      const wrapped = wrapKey(masterKey, generateDataKey());
      return toTenant(await queries.insertTenant(db, { id: newId("tnt"), name, wrapped_data_key: wrapped }));
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

function toTenant(row: { id: string; name: string; created_at: Date }): Tenant {
  return { id: row.id, name: row.name, createdAt: row.created_at.toISOString() };
}
