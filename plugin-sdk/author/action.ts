import type { ActionContext } from "./context.ts";
import type { Static, TSchema } from "./type.ts";

export interface ActionDefinition<Input extends TSchema, Output extends TSchema> {
  title: string;
  description?: string;
  /** An object schema. Objects in it are closed unless they say `additionalProperties`. */
  input: Input;
  output: Output;
  /** @throws PluginError */
  run(context: ActionContext<Static<Input>>): Promise<Static<Output>> | Static<Output>;
}

/** An action as the host finds it in a plugin: plain data and one function. */
export interface Action<Input extends TSchema = TSchema, Output extends TSchema = TSchema>
  extends ActionDefinition<Input, Output> {
  kind: "action";
}

/**
 * Declares something that a plugin does when it is called. Input and output are checked by the host on both sides.
 *
 * @example
 * action({
 *   title: "Get a customer",
 *   input: Type.Object({ id: Type.String() }),
 *   output: Type.Object({ id: Type.String(), email: Type.String() }),
 *   async run({ input, fetch }) {
 *     const response = await fetch(`https://api.example.com/customers/${encodeURIComponent(input.id)}`);
 *     return response.json();
 *   },
 * })
 */
export function action<Input extends TSchema, Output extends TSchema>(
  definition: ActionDefinition<Input, Output>,
): Action<Input, Output> {
  return { kind: "action", ...definition, input: closeObjects(definition.input) as Input };
}

/** A misspelt field in an input is an error to report, not one to ignore. */
function closeObjects(schema: unknown): unknown {
  if (typeof schema !== "object" || schema === null) return schema;
  const { properties, items, anyOf, additionalProperties }: Keywords = schema;
  return {
    ...schema,
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, one]) => [name, closeObjects(one)]),
      ),
      additionalProperties: additionalProperties ?? false,
    }),
    ...(items !== undefined && { items: closeObjects(items) }),
    ...(anyOf && { anyOf: anyOf.map(closeObjects) }),
  };
}

interface Keywords {
  properties?: { [name: string]: unknown };
  items?: unknown;
  anyOf?: unknown[];
  additionalProperties?: unknown;
}
