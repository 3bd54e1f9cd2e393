import type { Route } from "@plugboard/service-kit/http";
import { type Static, Type } from "typebox";
import { coversScope, tenantRoute } from "../../kernel/access/index.ts";
import {
  type Batches,
  batchErrors,
  bytesOf,
  type Failure,
  failureInBrief,
  notStarted,
  outcomeFields,
  type Performed,
  replyOf,
  slowDownOf,
  tallied,
  whenSent,
} from "../../kernel/batches/index.ts";
import {
  type Idempotency,
  idempotencyErrors,
  idempotencyKeyOf,
  keyForVendor,
  vendorKey,
} from "../../kernel/idempotency/index.ts";
import { callErrorCodes, createCallEffects } from "../../kernel/plugins/index.ts";
import type { ActionResult, Actions } from "./run-action.ts";

const id = Type.String({ minLength: 1, maxLength: 64 });
const mostActions = 1_000;
const maxBodyBytes = 4 * 1024 * 1024;

const bodySchema = Type.Object({
  actions: Type.Array(
    Type.Object(
      {
        action: id,
        input: Type.Unknown({ description: "What the action's input schema asks for." }),
        idempotencyKey: Type.Optional(vendorKey("action")),
      },
      { title: "ActionOfBatch" },
    ),
    { minItems: 1, maxItems: mostActions },
  ),
  stopOnError: Type.Optional(
    Type.Boolean({
      description:
        "Run them one after the other, and none after the first that does not succeed. Else they run in any order, several at a time.",
    }),
  ),
});

const replySchema = replyOf(
  Type.Object(
    { ...outcomeFields, output: Type.Optional(Type.Unknown()), callId: Type.Optional(Type.String()) },
    { title: "ActionOutcome" },
  ),
  "ActionBatchOutcome",
);

type Outcome = ({ status: "succeeded"; output?: unknown } & Pick<ActionResult, "callId">) | Failure;

/** Many actions in one request. */
export function createActionBatchRoute(options: {
  actions: Actions;
  batches: Batches;
  idempotency: Idempotency;
}): Route {
  const { actions, batches, idempotency } = options;
  return tenantRoute({
    method: "POST",
    path: "/api/v1/connections/:id/batch",
    operationId: "batchActions",
    summary: "Run many actions over this connection",
    description:
      "Each has an outcome of its own, and that some fail is an answer as any other. With an `Idempotency-Key` the batch is carried out once in a day, and each action has a key of its own that is made of it, for vendors that know such keys.",
    tags: ["actions"],
    access: { scope: "actions:run" },
    params: Type.Object({ id }),
    body: bodySchema,
    maxBodyBytes,
    responses: {
      200: {
        description: "What became of each.",
        schema: replySchema,
        headers: { "Idempotent-Replayed": "That it is the first answer." },
      },
    },
    errors: [
      "action-not-found",
      "action-input-invalid",
      "action-output-invalid",
      ...batchErrors,
      ...idempotencyErrors,
      ...callErrorCodes,
    ],
    async handler({ identity, params, body, headers, signal, ctx }) {
      const { tenantId } = identity;
      const { id: connectionId } = params;
      const handsOver = coversScope(identity.scopes, "files:read");
      const key = idempotencyKeyOf(headers);
      const asks = { route: "batchActions", connectionId, body };
      const admit = () => actions.admit(tenantId, connectionId);
      const { resumableAfterMs } = batches;
      const request = { tenantId, key, asks, admit, resumableAfterMs };
      const reply = await idempotency.once(request, async (_, journal) => {
        await admit();
        const plugin = await actions.pluginOf(tenantId, connectionId);
        const stopsOnError = body.stopOnError ?? false;
        const outcomes = batches.outcomes<Outcome>(journal, inBrief);
        const before = new Set([...body.actions.keys()].filter((place) => outcomes.get(place) !== undefined));
        /** The caller's going away ends the batch, and none of its actions. */
        const { signal: own } = new AbortController();

        async function perform(place: number): Promise<Performed<number>> {
          if (before.has(place)) return { isOk: outcomes.get(place)?.status === "succeeded", bytes: 0 };
          const { action = "", input, idempotencyKey: given } = body.actions[place] ?? {};
          const wish = { tenantId, connectionId, action, input };
          const idempotencyKey =
            given === undefined ? keyForVendor(key, { ...wish, place }) : keyForVendor(given, wish);
          const effects = createCallEffects();
          try {
            const asked = { connectionId, action, input, handsOver, idempotencyKey };
            const call = { tenantId, ...asked, signal: own, effects };
            const { output, callId } = await actions.run(call);
            outcomes.set(place, { status: "succeeded", output, callId });
            return { isOk: true, bytes: Buffer.byteLength(JSON.stringify(output)) };
          } catch (error) {
            const failure = batches.failureOf(error, effects, true);
            outcomes.set(place, failure);
            const slowDown = slowDownOf(failure, effects);
            const bytes = bytesOf(failure);
            const again = effects.had ? undefined : place;
            return {
              isOk: false,
              bytes,
              ...(slowDown && { slowDown: { ...slowDown, again, againBytes: bytes } }),
            };
          }
        }

        await batches.run({
          tenantId,
          plugin,
          // Those of an attempt before come first: where one of them failed, it fails again in its place.
          units: [...body.actions.keys()],
          bytes: Buffer.byteLength(JSON.stringify(body)),
          whenSent: whenSent(ctx.res),
          stopsOnError,
          signal,
          begin: async (place) => before.has(place) || outcomes.begin([place]),
          perform,
          async end(place) {
            if (!before.has(place)) await outcomes.end([place]);
          },
          skip(place, why) {
            // What an attempt before has done stays done.
            if (!before.has(place)) outcomes.set(place, notStarted(why));
          },
        });
        const all = [...body.actions.keys()].map((place) => outcomes.get(place) as Outcome);
        return { status: 200, body: tallied(all), headers: {}, brief: tallied(all.map(inBrief)) };
      });
      return { status: 200, body: reply.body as Static<typeof replySchema>, headers: reply.headers };
    },
  });
}

/** What is kept of an outcome where the whole answer is too large to be: all but the output. */
function inBrief(outcome: Outcome): Outcome {
  if (outcome.status === "succeeded") return { status: "succeeded", callId: outcome.callId };
  return failureInBrief(outcome);
}
