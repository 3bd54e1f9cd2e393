export { type Action, type ActionDefinition, action } from "./action.ts";
export type { ActionContext, Connection, Json, Logger } from "./context.ts";
export { definePlugin, type PluginDefinition } from "./define-plugin.ts";
export type { Events, PublishOptions } from "./events.ts";
export type {
  Fields,
  Hook,
  HookContext,
  HookFunction,
  HookName,
  HookOrder,
  Hooks,
  HookTypes,
  ObservedAction,
} from "./hooks.ts";
export { PluginError, type PluginErrorCode, type PluginErrorOptions } from "./plugin-error.ts";
export type {
  Storage,
  StorageDeleteOptions,
  StorageEntry,
  StorageListOptions,
  StorageSetOptions,
} from "./storage.ts";
export { type Static, type TSchema, Type } from "./type.ts";
