import { entityOperations, writingOperations } from "@plugboard/plugin-sdk/manifest";
import { Type } from "typebox";
import { callErrorCodes } from "../../kernel/plugins/index.ts";

/** What any operation may end with. */
export const entityErrors = [
  "entity-not-found",
  "entity-operation-not-found",
  "entity-input-invalid",
  "entity-output-invalid",
  ...callErrorCodes,
];

const id = Type.String({ minLength: 1, maxLength: 64 });
const jsonSchema = Type.Object({}, { additionalProperties: true, description: "JSON Schema 2020-12" });

export const ofConnection = Type.Object({ id });
export const ofEntity = Type.Object({ id, entity: id });
export const ofRecord = Type.Object({
  id,
  entity: id,
  key: Type.String({
    minLength: 1,
    maxLength: 512,
    description: "The record's key, percent-encoded: a `/` in it is written `%2F`.",
  }),
});

/** Its schema is the entity's own, which the host holds it against. */
export const record = Type.Object({}, { additionalProperties: true, title: "Record" });

export const entitySchema = Type.Object(
  {
    name: Type.String(),
    title: Type.String(),
    description: Type.Optional(Type.String()),
    key: Type.String({ description: "The field that tells one record from another." }),
    updatedAt: Type.Optional(Type.String({ description: "The field that says when a record was changed." })),
    operations: Type.Array(Type.String({ description: `One of ${entityOperations.join(", ")}.` })),
    batch: Type.Optional(
      Type.Object(
        {
          most: Type.Integer({ description: "Of one request to the vendor, as a rule." }),
          operations: Type.Array(Type.String({ description: `One of ${writingOperations.join(", ")}.` })),
        },
        { description: "Which writes of a batch are made many in one call; the others one by one." },
      ),
    ),
    schema: jsonSchema,
    input: Type.Optional(jsonSchema),
    filter: Type.Optional(jsonSchema),
  },
  { title: "Entity" },
);
