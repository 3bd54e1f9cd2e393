import type { Action } from "./action.ts";
import type { Entity } from "./entity.ts";
import type { Hooks } from "./hooks.ts";
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

/** TypeScript looks for unknown names in what is written, and not in what a type parameter stands for. */
type WithoutUnknown<Plugin extends PluginDefinition> = {
  [Part in Exclude<keyof Plugin, keyof PluginDefinition>]: never;
} & {
  hooks?: { [Name in Exclude<keyof Plugin["hooks"], keyof Hooks>]: never };
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
