import type { Action } from "./action.ts";
import type { Hooks } from "./hooks.ts";

/** What a plugin's code offers. */
export interface PluginDefinition {
  /** By name: lower-case letters, digits and dashes. */
  // biome-ignore lint/suspicious/noExplicitAny: an action takes its own input; no other type admits all of them
  actions?: { [name: string]: Action<any, any> };
  hooks?: Hooks;
}

/** TypeScript looks for unknown names in what is written, and not in what a type parameter stands for. */
type WithoutUnknown<Plugin extends PluginDefinition> = {
  [Part in Exclude<keyof Plugin, keyof PluginDefinition>]: never;
} & { hooks?: { [Name in Exclude<keyof Plugin["hooks"], keyof Hooks>]: never } };

/**
 * The default export of a plugin.
 *
 * @example
 * export default definePlugin({ actions: { "get-customer": getCustomer } });
 */
export function definePlugin<Plugin extends PluginDefinition>(
  plugin: Plugin & WithoutUnknown<Plugin>,
): Plugin {
  return plugin;
}
