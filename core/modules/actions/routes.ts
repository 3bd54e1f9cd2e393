import type { Route } from "@plugboard/service-kit/http";
import { Type } from "typebox";
import { coversScope, tenantRoute } from "../../kernel/access/index.ts";
import type { Batches } from "../../kernel/batches/index.ts";
import {
  type Idempotency,
  idempotencyErrors,
  idempotencyKeyOf,
  keyForVendor,
} from "../../kernel/idempotency/index.ts";
import { callErrorCodes } from "../../kernel/plugins/index.ts";
import { createActionBatchRoute } from "./batch-route.ts";
import type { ActionResult, Actions } from "./run-action.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });

/** Calls of what plugins offer. */
export function createActionRoutes(options: {
  actions: Actions;
  batches: Batches;
  idempotency: Idempotency;
}): Route[] {
  const { actions, idempotency } = options;
  return [
    createActionBatchRoute(options),
    tenantRoute({
      method: "POST",
      path: "/api/v1/connections/:id/actions/:action",
      operationId: "runAction",
      summary: "Run an action of the plugin over this connection",
      description:
        "Input and output fit the schemas that the action declares; `GET /api/v1/marketplace/plugins/{publisher}/{name}` has them. With an `Idempotency-Key` it is run once in a day, and a repetition gets the same answer; a call that failed before it could have changed anything may be repeated with the same key. Plugins pass the key's digest on to vendors that know such keys.",
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
        ...idempotencyErrors,
        ...callErrorCodes,
      ],
      async handler({ identity, params, body, headers, signal }) {
        const { tenantId } = identity;
        const { id: connectionId, action } = params;
        const asks = { route: "runAction", connectionId, action, input: body.input };
        const admit = () => actions.admit(tenantId, connectionId);
        const key = idempotencyKeyOf(headers);
        const reply = await idempotency.once({ tenantId, key, asks, admit }, async (effects) => {
          const idempotencyKey = keyForVendor(key, { tenantId, ...asks });
          const handsOver = coversScope(identity.scopes, "files:read");
          const asked = { connectionId, action, input: body.input, handsOver };
          const call = { tenantId, ...asked, idempotencyKey, signal, effects };
          return { status: 200, body: await actions.run(call), headers: {} };
        });
        return { status: 200, body: reply.body as ActionResult, headers: reply.headers };
      },
    }),
  ];
}
