import { closeObjects } from "./closed-objects.ts";
import type { ActionContext, ConfigOf, ConnectionDeclaration } from "./context.ts";
import type { Static, TSchema } from "./type.ts";

/** What {@link action} takes. */
export interface ActionDefinition<
  Input extends TSchema,
  Output extends TSchema,
  Config extends TSchema = TSchema,
> {
  title: string;
  description?: string;
  /** Gives `connection.config` its type. */
  connection?: ConnectionDeclaration<Config>;
  /** An object schema. Objects in it are closed unless they say `additionalProperties`. */
  input: Input;
  output: Output;
  /** @throws PluginError */
  run(context: ActionContext<Static<Input>, ConfigOf<Config>>): Promise<Static<Output>> | Static<Output>;
}

/** An action as the host finds it in a plugin: plain data and one function. */
export interface Action<
  Input extends TSchema = TSchema,
  Output extends TSchema = TSchema,
  Config extends TSchema = TSchema,
> extends ActionDefinition<Input, Output, Config> {
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
export function action<Input extends TSchema, Output extends TSchema, Config extends TSchema = TSchema>(
  definition: ActionDefinition<Input, Output, Config>,
): Action<Input, Output, Config> {
  return { kind: "action", ...definition, input: closeObjects(definition.input) };
}
