import type { Action } from "./action.ts";

/** What a plugin's code offers. */
export interface PluginDefinition {
  /** By name: lower-case letters, digits and dashes. */
  // biome-ignore lint/suspicious/noExplicitAny: an action takes its own input; no other type admits all of them
  actions?: { [name: string]: Action<any, any> };
}

/**
 * The default export of a plugin.
 *
 * @example
 * export default definePlugin({ actions: { "get-customer": getCustomer } });
 */
export function definePlugin<Plugin extends PluginDefinition>(plugin: Plugin): Plugin {
  return plugin;
}
