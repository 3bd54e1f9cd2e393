/** A misspelt field in what a caller sends is an error to report, not one to ignore. */
export function closeObjects<Schema>(schema: Schema): Schema {
  return close(schema) as Schema;
}

function close(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const { properties, items, anyOf, additionalProperties }: Keywords = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, close(one)])),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(items !== undefined && { items: close(items) }),
    ...(anyOf && { anyOf: anyOf.map(close) }),
  };
}

interface Keywords {
  properties?: { [name: string]: unknown };
  items?: unknown;
  anyOf?: unknown[];
  additionalProperties?: unknown;
}
