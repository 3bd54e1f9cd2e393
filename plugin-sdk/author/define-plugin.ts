import type { Action } from "./action.ts";
import type { Entity } from "./entity.ts";
import type { Hooks, HookTypes } from "./hooks.ts";
import type { Trigger } from "./trigger.ts";
import type { Webhooks } from "./webhooks.ts";

/** What a plugin's code offers. Names are lower-case letters, digits and dashes. */
export interface PluginDefinition {
  // biome-ignore lint/suspicious/noExplicitAny: an action takes its own input; no other type admits all of them
  actions?: { [name: string]: Action<any, any, any> };
  // biome-ignore lint/suspicious/noExplicitAny: as an action
  triggers?: { [name: string]: Trigger<any, any, any> };
  // biome-ignore lint/suspicious/noExplicitAny: as an action
  entities?: { [name: string]: Entity<any, any, any, any> };
  webhooks?: Webhooks;
  hooks?: Hooks;
}

/** The hooks whose answers have members of the host's: what else they have is a member misspelt. */
type Shaped = "request.before" | "response.after";

/** The names of members that a hook answers, and the host does not read. */
type UnknownIn<Written, Name extends Shaped> = Written extends
  | ((...given: never) => infer Answer)
  | { run: (...given: never) => infer Answer }
  ? Awaited<Answer> extends infer Answered
    ? Answered extends object
      ? Exclude<keyof Answered, keyof HookTypes[Name]["input"]["value"]>
      : never
    : never
  : never;

/** TypeScript looks for unknown names in what is written, and not in what a type parameter stands for. */
type WithoutUnknown<Plugin extends PluginDefinition> = {
  [Part in Exclude<keyof Plugin, keyof PluginDefinition>]: never;
} & {
  hooks?: {
    [Name in keyof Plugin["hooks"]]: Name extends keyof Hooks
      ? Name extends Shaped
        ? [UnknownIn<Plugin["hooks"][Name], Name>] extends [never]
          ? unknown
          : { "the answer has an unknown member": UnknownIn<Plugin["hooks"][Name], Name> }
        : unknown
      : never;
  };
  webhooks?: { [Name in Exclude<keyof Plugin["webhooks"], keyof Webhooks>]: never };
};

/**
 * The default export of a plugin.
 *
 * @example
 * export default definePlugin({
 *   actions: { "get-customer": getCustomer },
 *   triggers: { "payment-succeeded": paymentSucceeded },
 *   entities: { customer },
 *   webhooks: { normalize },
 * });
 */
export function definePlugin<Plugin extends PluginDefinition>(
  plugin: Plugin & WithoutUnknown<Plugin>,
): Plugin {
  return plugin;
}
