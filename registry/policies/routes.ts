import { decodeCursor, encodeCursor, page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { route } from "../access.ts";
import { tenantId } from "../names.ts";
import type { Policies } from "./policies.ts";
import {
  Approval,
  ApprovalDecision,
  ApprovalRequest,
  approvalId,
  approvalStatus,
  PolicyRequest,
  VersionedPolicy,
} from "./schemas.ts";

const tenant = "/registry/v1/tenants/:tenantId";
const ofTenant = Type.Object({ tenantId });
const tags = ["policies"];

export function policyRoutes(policies: Policies): Route[] {
  return [
    route({
      method: "GET",
      path: `${tenant}/policy`,
      operationId: "getPolicy",
      summary: "What a tenant lets itself install",
      tags,
      access: "host",
      params: ofTenant,
      responses: { 200: { description: "The policy in force.", schema: VersionedPolicy } },
      errors: [],
      async handler({ params }) {
        return { status: 200, body: await policies.get(params.tenantId) };
      },
    }),
    route({
      method: "PUT",
      path: `${tenant}/policy`,
      operationId: "setPolicy",
      summary: "Say what may be installed from now on",
      description: "It is asked at every install and change of version. What runs already runs on.",
      tags,
      access: "host",
      params: ofTenant,
      body: PolicyRequest,
      responses: { 200: { description: "The policy in force.", schema: VersionedPolicy } },
      errors: ["policy-changed"],
      async handler({ params, body }) {
        return { status: 200, body: await policies.set(params.tenantId, body) };
      },
    }),
    route({
      method: "POST",
      path: `${tenant}/approvals`,
      operationId: "requestApproval",
      summary: "Ask for an approval of a plugin with its very permissions",
      tags,
      access: "host",
      params: ofTenant,
      body: ApprovalRequest,
      responses: { 201: { description: "The request, or the one that there is.", schema: Approval } },
      errors: ["no-matching-version", "plugin-not-found", "version-blocked"],
      async handler({ params, body: { range = "*", ...wish } }) {
        return { status: 201, body: await policies.requestApproval(params.tenantId, { range, ...wish }) };
      },
    }),
    route({
      method: "GET",
      path: `${tenant}/approvals`,
      operationId: "listApprovals",
      summary: "What was asked for and decided, newest first",
      tags,
      access: "host",
      params: ofTenant,
      query: Type.Object({ status: Type.Optional(approvalStatus), ...pageQuery }),
      responses: { 200: { description: "A page of approvals.", schema: page(Approval) } },
      errors: [],
      async handler({ params, query: { status, limit, cursor } }) {
        const before = cursor === undefined ? undefined : decodeCursor(cursor, approvalId);
        const found = await policies.listApprovals(params.tenantId, { status, limit: limit + 1, before });
        const items = found.slice(0, limit);
        const last = items.at(-1);
        const nextCursor = found.length > limit && last ? encodeCursor(last.id) : null;
        return { status: 200, body: { items, nextCursor } };
      },
    }),
    route({
      method: "POST",
      path: `${tenant}/approvals/:id/decision`,
      operationId: "decideApproval",
      summary: "Approve or deny, with a reason; an approval may be taken back",
      tags,
      access: "host",
      params: Type.Object({ tenantId, id: approvalId }),
      body: ApprovalDecision,
      responses: { 200: { description: "The approval, decided.", schema: Approval } },
      errors: ["approval-decided", "approval-not-found"],
      async handler({ params, body }) {
        return { status: 200, body: await policies.decideApproval(params.tenantId, params.id, body) };
      },
    }),
  ];
}
