import type { Static } from "typebox";
import * as schemas from "../host-access/schemas.ts";
import type { Ask } from "./ask.ts";
import { at } from "./paths.ts";
import type { Send } from "./request.ts";

export interface HostAccessClient {
  /** As the operator: lets a host in. */
  addHost(name: string): Promise<Static<typeof schemas.NewHostToken>>;
  /** As the operator. */
  listHosts(): Promise<Static<typeof schemas.HostAccounts>["items"]>;
  /** As the operator: a further token. */
  addHostToken(name: string): Promise<Static<typeof schemas.NewHostToken>>;
  /** As the operator. */
  revokeHostToken(name: string, id: string): Promise<void>;
  /** As the operator: which host speaks for a tenant. */
  getTenantHost(tenantId: string): Promise<Static<typeof schemas.TenantHost>>;
  /** As the operator: another host speaks for it from now on. */
  moveTenant(
    tenantId: string,
    to: Static<typeof schemas.TenantMove>,
  ): Promise<Static<typeof schemas.TenantHost>>;
}

/** Which hosts are let in, and whose tenants are whose. */
export function createHostAccessClient({ ask, send }: { ask: Ask; send: Send }): HostAccessClient {
  const path = "/host-accounts";
  const asOperator = true;
  return {
    addHost: (name) => ask(schemas.NewHostToken, { method: "POST", path, json: { name }, asOperator }),
    listHosts: async () => (await ask(schemas.HostAccounts, { method: "GET", path, asOperator })).items,
    addHostToken: async (name) =>
      ask(schemas.NewHostToken, { method: "POST", path: path + at`/${name}/tokens`, asOperator }),
    async revokeHostToken(name, id) {
      await send({ method: "DELETE", path: path + at`/${name}/tokens/${id}`, asOperator });
    },
    getTenantHost: async (tenantId) =>
      ask(schemas.TenantHost, { method: "GET", path: at`/tenants/${tenantId}/host`, asOperator }),
    moveTenant: async (tenantId, json) =>
      ask(schemas.TenantHost, { method: "PUT", path: at`/tenants/${tenantId}/host`, json, asOperator }),
  };
}
