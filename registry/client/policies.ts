import type { Static } from "typebox";
import * as schemas from "../policies/schemas.ts";
import type { Ask } from "./ask.ts";
import { pageOf } from "./page.ts";
import { at, toQuery } from "./paths.ts";

export type TenantPolicy = Static<typeof schemas.VersionedPolicy>;
export type Approval = Static<typeof schemas.Approval>;

export interface PolicyClient {
  getPolicy(tenantId: string): Promise<TenantPolicy>;
  /** @param change.version of the policy that it was made from */
  setPolicy(tenantId: string, change: Static<typeof schemas.PolicyRequest>): Promise<TenantPolicy>;
  requestApproval(tenantId: string, wish: Static<typeof schemas.ApprovalRequest>): Promise<Approval>;
  listApprovals(
    tenantId: string,
    query?: { status?: Approval["status"]; limit?: number; cursor?: string },
  ): Promise<{ items: Approval[]; nextCursor: string | null }>;
  decideApproval(
    tenantId: string,
    id: string,
    decision: Static<typeof schemas.ApprovalDecision>,
  ): Promise<Approval>;
}

/** What tenants let themselves install. For hosts. */
export function createPolicyClient({ ask }: { ask: Ask }): PolicyClient {
  const asHost = true;
  return {
    async getPolicy(tenantId) {
      return ask(schemas.VersionedPolicy, { method: "GET", path: at`/tenants/${tenantId}/policy`, asHost });
    },
    async setPolicy(tenantId, json) {
      const path = at`/tenants/${tenantId}/policy`;
      return ask(schemas.VersionedPolicy, { method: "PUT", path, json, asHost });
    },
    async requestApproval(tenantId, json) {
      return ask(schemas.Approval, {
        method: "POST",
        path: at`/tenants/${tenantId}/approvals`,
        json,
        asHost,
      });
    },
    async listApprovals(tenantId, query = {}) {
      const path = at`/tenants/${tenantId}/approvals` + toQuery(query);
      return ask(pageOf(schemas.Approval), { method: "GET", path, asHost });
    },
    async decideApproval(tenantId, id, json) {
      const path = at`/tenants/${tenantId}/approvals/${id}/decision`;
      return ask(schemas.Approval, { method: "POST", path, json, asHost });
    },
  };
}
