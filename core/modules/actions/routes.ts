import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { tenantRoute } from "../../kernel/access/index.ts";
import { type Idempotency, idempotencyKeyOf } from "../../kernel/idempotency/index.ts";
import { callErrorCodes } from "../../kernel/plugins/index.ts";
import type { ActionResult, RunAction } from "./run-action.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });

/** Calls of what plugins offer. */
export function createActionRoutes(options: { runAction: RunAction; idempotency: Idempotency }): Route[] {
  const { runAction, idempotency } = options;
  return [
    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/actions/:action",
      operationId: "runAction",
      summary: "Run an action of the plugin over this connection",
      description:
        "Input and output fit the schemas that the action declares; `GET /api/v1/marketplace/plugins/{publisher}/{name}` has them. With an `Idempotency-Key` it is run once in a day, and a repetition gets the same answer.",
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
        "action-not-found",
        "action-input-invalid",
        "action-output-invalid",
        "idempotency-key-reused",
        "idempotency-key-in-use",
        ...callErrorCodes,
      ],
      async handler({ identity, params, body, headers, signal }) {
        const { tenantId } = identity;
        const { id: connectionId, action } = params;
        const asks = { route: "runAction", connectionId, action, input: body.input };
        const request = { tenantId, key: idempotencyKeyOf(headers), asks };
        const reply = await idempotency.once(request, async () => {
          const result = await runAction({ tenantId, connectionId, action, input: body.input, signal });
          return { status: 200, body: result, headers: {} };
        });
        return { status: 200, body: reply.body as ActionResult, headers: reply.headers };
      },
    }),
  ];
}
