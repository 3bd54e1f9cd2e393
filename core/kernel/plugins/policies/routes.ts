import { Approval, type PolicyClient, policyBody, VersionedPolicy } from "@plugboard/registry/client";
import { page, pageQuery, type Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { type TenantIdentity, tenantRoute } from "../../access/index.ts";
import { asCoreError } from "../registry-problems.ts";
import type { Updates } from "../updates/index.ts";

const unreachable = ["registry-refused", "registry-unavailable"];
const tags = ["policies"];
const reason = Type.String({ minLength: 1, maxLength: 2000 });
const approvalId = Type.String({ pattern: "^apr_[0-9a-f]{32}$" });

/** What a tenant lets itself install, and approvals: kept and decided by the registry, administered here. */
export function createPolicyRoutes({
  registry,
  updates,
}: {
  registry: PolicyClient;
  updates: Pick<Updates, "lookAgain">;
}): Route[] {
  return [
    tenantRoute({
      method: "GET",
      path: "/api/v1/policy",
      operationId: "getPolicy",
      summary: "What this tenant lets itself install",
      tags,
      access: { scope: "policy:read" },
      responses: { 200: { description: "The policy in force.", schema: VersionedPolicy } },
      errors: unreachable,
      async handler({ identity }) {
        return { status: 200, body: await passedOn(registry.getPolicy(identity.tenantId)) };
      },
    }),
    tenantRoute({
      method: "PUT",
      path: "/api/v1/policy",
      operationId: "setPolicy",
      summary: "Say what may be installed from now on",
      description:
        "It is asked at every install and change of version. What runs already is shown as refused, and runs on unless `enforce` is `running`. Send the `version` that the change was made from, so that none is lost.",
      tags,
      access: { scope: "policy:write" },
      body: Type.Object(policyBody),
      responses: { 200: { description: "The policy in force.", schema: VersionedPolicy } },
      errors: ["policy-changed", ...unreachable],
      async handler({ identity, body }) {
        const change = { ...body, changedBy: nameOf(identity) };
        const set = await passedOn(registry.setPolicy(identity.tenantId, change));
        await updates.lookAgain(identity.tenantId);
        return { status: 200, body: set };
      },
    }),
    tenantRoute({
      method: "POST",
      path: "/api/v1/approvals",
      operationId: "requestApproval",
      summary: "Ask for an approval of a plugin with its very permissions",
      tags,
      access: { scope: "installs:write" },
      body: Type.Object({
        plugin: Type.String({ minLength: 3, maxLength: 104, description: "`publisher/name`" }),
        range: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
        reason,
      }),
      responses: { 201: { description: "The request, or the one that there is.", schema: Approval } },
      errors: ["no-matching-version", "plugin-not-found", "release-blocked", ...unreachable],
      async handler({ identity, body }) {
        const wish = { ...body, requestedBy: nameOf(identity) };
        return {
          status: 201,
          body: await passedOn(registry.requestApproval(identity.tenantId, wish), body.plugin),
        };
      },
    }),
    tenantRoute({
      method: "GET",
      path: "/api/v1/approvals",
      operationId: "listApprovals",
      summary: "What was asked for and decided, newest first",
      tags,
      access: { scope: "policy:read" },
      query: Type.Object({
        status: Type.Optional(
          Type.Union([Type.Literal("requested"), Type.Literal("approved"), Type.Literal("denied")]),
        ),
        ...pageQuery,
      }),
      responses: { 200: { description: "A page of approvals.", schema: page(Approval) } },
      errors: unreachable,
      async handler({ identity, query }) {
        return { status: 200, body: await passedOn(registry.listApprovals(identity.tenantId, query)) };
      },
    }),
    tenantRoute({
      method: "POST",
      path: "/api/v1/approvals/:id/decision",
      operationId: "decideApproval",
      summary: "Approve or deny, with a reason",
      description:
        "Whoever may ask may not decide, unless the key has the scope for it. An approval may be taken back.",
      tags,
      access: { scope: "approvals:decide" },
      params: Type.Object({ id: approvalId }),
      body: Type.Object({
        decision: Type.Union([Type.Literal("approve"), Type.Literal("deny")]),
        reason,
      }),
      responses: { 200: { description: "The approval, decided.", schema: Approval } },
      errors: ["approval-decided", "approval-not-found", ...unreachable],
      async handler({ identity, params: { id }, body }) {
        const decision = { ...body, decidedBy: nameOf(identity) };
        const decided = await passedOn(registry.decideApproval(identity.tenantId, id, decision));
        await updates.lookAgain(identity.tenantId);
        return { status: 200, body: decided };
      },
    }),
  ];
}

/** Who it was, for the record: a tenant's key. */
function nameOf({ keyId }: TenantIdentity): string {
  return keyId;
}

async function passedOn<T>(answer: Promise<T>, plugin?: string): Promise<T> {
  return answer.catch((error) => {
    throw asCoreError(error, plugin);
  });
}
