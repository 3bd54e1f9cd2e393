import { entityOperations, writingOperations } from "../entity-operations.ts";
import { offerLimits } from "../offers/index.ts";
import { contributedSchema, description, offerName, title } from "./contributed.ts";

const field = {
  description: "the name of a field of the entity's schema",
  type: "string",
  minLength: 1,
  maxLength: 200,
};

export const entities = {
  type: "object",
  maxProperties: 500,
  propertyNames: offerName,
  additionalProperties: {
    type: "object",
    additionalProperties: false,
    required: ["title", "schema", "key", "operations"],
    properties: {
      title,
      description,
      schema: contributedSchema,
      key: field,
      updatedAt: field,
      input: contributedSchema,
      filter: contributedSchema,
      operations: {
        description: `what can be done with its records: at least one of ${entityOperations.join(", ")}`,
        type: "array",
        minItems: 1,
        uniqueItems: true,
        maxItems: entityOperations.length,
        items: { enum: entityOperations },
      },
      batch: {
        description: "which writes can be made many in one call, and how many",
        type: "object",
        additionalProperties: false,
        required: ["most", "operations"],
        properties: {
          most: {
            description: `how many writes one call takes, from 2 to ${offerLimits.batchWrites}`,
            type: "integer",
            minimum: 2,
            maximum: offerLimits.batchWrites,
          },
          operations: {
            description: `those functions that batch has: at least one of ${writingOperations.join(", ")}`,
            type: "array",
            minItems: 1,
            uniqueItems: true,
            maxItems: writingOperations.length,
            items: { enum: writingOperations },
          },
        },
      },
    },
  },
};
