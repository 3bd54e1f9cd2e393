import { type BatchWrite, offerLimits, writingOperations } from "@plugboard/plugin-sdk/manifest";
import type { Route } from "@plugboard/service-kit/http";
import { type Static, Type } from "typebox";
import { tenantRoute } from "../../kernel/access/index.ts";
import {
  type Batches,
  batchErrors,
  failureInBrief,
  outcomeFields,
  replyOf,
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
import type { BatchWriter, WriteOutcome } from "./batch-writer.ts";
import type { Entities } from "./entities.ts";
import { entityErrors, ofEntity } from "./schemas.ts";

const { batchWrites, keyLength } = offerLimits;

/** As much as gets into the sandbox in four calls. */
const maxBodyBytes = 4 * 1024 * 1024;

const fields = (description: string) => Type.Object({}, { additionalProperties: true, description });

const writeSchema = Type.Object(
  {
    op: Type.Union(
      writingOperations.map((one) => Type.Literal(one)),
      { description: "One of the entity's operations." },
    ),
    key: Type.Optional(
      Type.String({ minLength: 1, maxLength: keyLength, description: "Of the record; not with `create`." }),
    ),
    record: Type.Optional(
      fields("The fields that are written; with `update`, those that change; not with `remove`."),
    ),
    idempotencyKey: Type.Optional(vendorKey("write")),
  },
  { title: "Write" },
);

const outcomeSchema = Type.Object(
  {
    ...outcomeFields,
    key: Type.Optional(Type.String({ description: "Of the record that was written." })),
    record: Type.Optional(fields("As it is now, where the vendor tells; else read it by its key.")),
  },
  { title: "WriteOutcome" },
);

const replySchema = replyOf(outcomeSchema, "BatchOutcome");

/** Many writes in one request. */
export function createBatchRoute(options: {
  entities: Pick<Entities, "find" | "admit">;
  write: BatchWriter;
  batches: Batches;
  idempotency: Idempotency;
}): Route {
  const { entities, write, batches, idempotency } = options;
  return tenantRoute({
    method: "POST",
    path: "/api/v1/connections/:id/entities/:entity/batch",
    operationId: "batchRecords",
    summary: "Write many records at the vendor",
    description:
      "Each write has an outcome of its own, and that some fail is an answer as any other. They are made in any order, as many in one request to the vendor as it takes; of one key there may be one. With an `Idempotency-Key` the batch is carried out once in a day, and each write has a key of its own that is made of it, for vendors that know such keys.",
    tags: ["entities"],
    access: { scope: "entities:write" },
    params: ofEntity,
    body: Type.Object({
      writes: Type.Array(writeSchema, { minItems: 1, maxItems: batchWrites }),
    }),
    maxBodyBytes,
    responses: {
      200: {
        description: "What became of each write.",
        schema: replySchema,
        headers: { "Idempotent-Replayed": "That it is the first answer." },
      },
    },
    errors: [...batchErrors, ...idempotencyErrors, ...entityErrors],
    async handler({ identity, params, body, headers, signal, ctx }) {
      const { tenantId } = identity;
      const { id: connectionId, entity } = params;
      const key = idempotencyKeyOf(headers);
      const asks = { route: "batchRecords", connectionId, entity, body };
      const admit = () => entities.admit({ tenantId, connectionId });
      const { resumableAfterMs } = batches;
      const request = { tenantId, key, asks, admit, resumableAfterMs };
      const reply = await idempotency.once(request, async (_, journal) => {
        const outcomes = batches.outcomes<WriteOutcome>(journal, inBrief);
        const wish = { tenantId, connectionId, entity };
        const keyFor = (place: number) => {
          const { idempotencyKey, ...what } = body.writes[place] ?? {};
          // A key of its own is the same wherever the write stands.
          if (idempotencyKey !== undefined) return keyForVendor(idempotencyKey, { ...wish, write: what });
          return keyForVendor(key, { ...wish, write: what, place });
        };
        const writes = body.writes.map(({ op, key, record }) => ({ op, key, record }) as BatchWrite);
        const place = { tenantId, connectionId, entity, signal, whenSent: whenSent(ctx.res) };
        const results = await write(place, writes, keyFor, outcomes);
        return { status: 200, body: tallied(results), headers: {}, brief: tallied(results.map(inBrief)) };
      });
      return { status: 200, body: reply.body as Static<typeof replySchema>, headers: reply.headers };
    },
  });
}

/** What is kept of an outcome where the whole answer is too large to be: all but the record. */
function inBrief(outcome: WriteOutcome): WriteOutcome {
  if (outcome.status === "succeeded") return { status: "succeeded", key: outcome.key };
  return failureInBrief(outcome);
}
