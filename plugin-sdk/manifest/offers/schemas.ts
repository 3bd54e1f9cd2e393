import type { JsonSchema } from "../types.ts";

/** What a plugin's function takes and gives, as the host checks it. */
export interface OfferSchemas {
  input: JsonSchema;
  output: JsonSchema;
}

/** An object of these properties and no others; all required unless it is said which. */
export function closed(
  properties: { [name: string]: JsonSchema },
  required = Object.keys(properties),
): JsonSchema {
  return { type: "object", properties, required, additionalProperties: false };
}

export const text = (maxLength: number): JsonSchema => ({ type: "string", minLength: 1, maxLength });

export function nullable({ type, ...schema }: JsonSchema): JsonSchema {
  return { ...schema, type: [type, "null"] };
}

/** Puts a plugin's schema into one of the host's; its `$defs` go to the top, where its references look for them. */
export function within(
  { $defs, ...schema }: JsonSchema,
  wrap: (schema: JsonSchema) => JsonSchema,
): JsonSchema {
  return { ...wrap(schema), ...($defs !== undefined && { $defs }) };
}
