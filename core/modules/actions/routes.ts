import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../kernel/access/index.ts";
import type { RunAction } from "./run-action.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });

/** Calls of what plugins offer. */
export function createActionRoutes({ runAction }: { runAction: RunAction }): Route[] {
  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/actions/:action",
      operationId: "runAction",
      summary: "Run an action of the plugin over this connection",
      description:
        "Input and output fit the schemas that the action declares; `GET /api/v1/marketplace/plugins/{publisher}/{name}` has them.",
      tags: ["actions"],
      access: { scope: "actions:run" },
      params: Type.Object({ id, action: id }),
      body: Type.Object({ input: Type.Unknown({ description: "What the action's input schema asks for." }) }),
      responses: {
        200: {
          description: "What the action gave.",
          schema: Type.Object({ output: Type.Unknown(), callId: Type.String() }, { title: "ActionResult" }),
        },
      },
      errors: [
        "connection-not-found",
        "connection-inactive",
        "entitlement-required",
        "install-disabled",
        "action-not-found",
        "action-input-invalid",
        "action-output-invalid",
        "plugin-load-failed",
        "plugin-failed",
        "plugin-crashed",
        "plugin-quarantined",
        "plugin-replaced",
        "plugin-busy",
        "plugin-deadline-exceeded",
        "plugin-cpu-exceeded",
        "plugin-out-of-memory",
        "plugin-external-memory-exceeded",
        "plugin-blocked",
        "plugin-cpu-budget-exceeded",
        "plugin-tenant-cpu-budget-exceeded",
        "plugin-tenant-busy",
        "plugin-host-busy",
        "plugin-input-too-large",
        "plugin-output-too-large",
        "vendor-input-refused",
        "vendor-unauthorized",
        "vendor-not-found",
        "vendor-conflict",
        "vendor-rate-limited",
        "vendor-error",
        "vendor-unavailable",
        "egress-refused",
        "release-not-trusted",
        "registry-unavailable",
        "spend-cap-reached",
      ],
      async handler({ identity, params, body, signal }) {
        const result = await runAction({
          tenantId: identity.tenantId,
          connectionId: params.id,
          action: params.action,
          input: body.input,
          signal,
        });
        return { status: 200, body: result };
      },
    }),
  ];
}
