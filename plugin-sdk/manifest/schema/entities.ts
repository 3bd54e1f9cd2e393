import { entityOperations } from "../entity-operations.ts";
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
    },
  },
};
