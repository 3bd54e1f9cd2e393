import type { EntityContribution, EntityOperation, JsonSchema, Problem, WritingOperation } from "../types.ts";
import { offerLimits } from "./limits.ts";
import { closed, nullable, type OfferSchemas, text, within } from "./schemas.ts";

const { keyLength, cursorLength, keptCursorLength, pageItems, batchWrites } = offerLimits;

const key = text(keyLength);
const limit = { type: "integer", minimum: 1, maximum: pageItems };
const idempotencyKey = text(255);

/** What an operation of an entity takes and gives. */
export function entitySchemas(entity: EntityContribution, operation: EntityOperation): OfferSchemas {
  const record = entity.schema;
  const input = entity.input ?? closed({});
  const operations: Record<EntityOperation, () => OfferSchemas> = {
    list: () => ({
      input: within(entity.filter ?? closed({}), (filter) =>
        closed({
          cursor: nullable(text(cursorLength)),
          limit,
          filter,
          updatedSince: nullable({ type: "string", format: "date-time" }),
        }),
      ),
      output: within(record, (items) =>
        closed({
          items: { type: "array", maxItems: pageItems, items },
          nextCursor: nullable(text(cursorLength)),
        }),
      ),
    }),
    get: () => ({ input: closed({ key }), output: record }),
    create: () => ({
      input: within(input, (fields) => closed({ record: fields, idempotencyKey })),
      output: record,
    }),
    update: () => ({
      input: within(withoutRequired(input), (changes) => closed({ key, changes, idempotencyKey })),
      output: record,
    }),
    upsert: () => ({
      input: within(input, (fields) => closed({ key, record: fields, idempotencyKey })),
      output: record,
    }),
    remove: () => ({ input: closed({ key }), output: {} }),
    changesSince: () => ({
      input: closed({ cursor: nullable(text(keptCursorLength)), limit }),
      output: within(record, (one) =>
        closed(
          {
            changes: {
              type: "array",
              maxItems: pageItems,
              items: closed({ op: { enum: ["upsert", "remove"] }, key, record: one }, ["op", "key"]),
            },
            cursor: text(keptCursorLength),
            hasMore: { type: "boolean" },
          },
          ["changes", "cursor"],
        ),
      ),
    }),
  };
  return operations[operation]();
}

/** Whoever asks for ten has room for ten. To cut the answer would lose what the cursor has passed. */
export function checkWithinLimit(answer: unknown, input: unknown): Problem[] {
  const { limit } = (input ?? {}) as { limit?: unknown };
  if (typeof limit !== "number") return [];
  const { items, changes } = (answer ?? {}) as { items?: unknown[]; changes?: unknown[] };
  return Object.entries({ items, changes }).flatMap(([name, list]) => {
    if (!Array.isArray(list) || list.length <= limit) return [];
    const message = `must have no more than the ${limit} that limit asks for; it has ${list.length}.`;
    return [{ code: "too-many", pointer: `/${name}`, message }];
  });
}

/**
 * What a function of `batch` takes and gives. What is in a record is looked at one by one: of what one of them lacks, the
 * others are to hear nothing.
 */
export function batchSchemas(entity: EntityContribution, operation: WritingOperation): OfferSchemas {
  const { input } = entitySchemas(entity, operation);
  const error = closed(
    { code: text(100), message: { type: "string" }, details: {}, retryAfterMs: { type: "number" } },
    ["message"],
  );
  return {
    input: within(input, (write) =>
      closed({ writes: { type: "array", minItems: 1, maxItems: batchWrites, items: write } }),
    ),
    output: {
      type: "array",
      maxItems: batchWrites,
      items: { anyOf: [closed({ key, record: { type: "object" } }, ["key"]), closed({ error })] },
    },
  };
}

/** Of what is changed, nothing must be there. */
function withoutRequired({ required: _, ...schema }: JsonSchema): JsonSchema {
  const { allOf } = schema;
  return Array.isArray(allOf) ? { ...schema, allOf: allOf.map(withoutRequired) } : schema;
}
