export { type Action, type ActionDefinition, action } from "./action.ts";
export type {
  ActionContext,
  AnyConfig,
  CallContext,
  ConfigOf,
  Connection,
  ConnectionDeclaration,
  Json,
  Logger,
} from "./context.ts";
export { definePlugin, type PluginDefinition } from "./define-plugin.ts";
export {
  type BatchContext,
  type BatchResult,
  type Change,
  type Changes,
  type ChangesContext,
  type CreateContext,
  type Entity,
  type EntityBatch,
  type EntityDefinition,
  entity,
  type KeyContext,
  type ListContext,
  type Page,
  type UpdateContext,
  type UpsertContext,
} from "./entity.ts";
export { type EntityActionsOptions, entityActions } from "./entity-actions.ts";
export {
  ConflictError,
  ForbiddenError,
  InvalidInputError,
  NotFoundError,
  RateLimitedError,
  UnauthorizedError,
  VendorError,
  VendorUnavailableError,
} from "./errors.ts";
export type { Events, PublishOptions } from "./events.ts";
export type {
  FileInfo,
  FileReply,
  FileRequestInit,
  FileSlice,
  Files,
  FormPart,
  NewFile,
} from "./files.ts";
export { fingerprint } from "./fingerprint.ts";
export type { HookedBody, HookedReply, HookedRequest } from "./hooked.ts";
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
export { type PageLimits, pageInput, pageOf } from "./page-schemas.ts";
export { PluginError, type PluginErrorCode, type PluginErrorOptions } from "./plugin-error.ts";
export { readCursor } from "./read-cursor.ts";
export * from "./requests/index.ts";
export type {
  Storage,
  StorageDeleteOptions,
  StorageEntry,
  StorageListOptions,
  StorageSetOptions,
} from "./storage.ts";
export type {
  CarriedAnswer,
  CarriedOpening,
  ConnectContext,
  Heartbeat,
  MessageContext,
  StreamAnswer,
  StreamMessage,
  StreamOpening,
  StreamTrigger,
  StreamTriggerDefinition,
} from "./stream.ts";
export {
  type KeyedPoll,
  type PollContext,
  type PollingTrigger,
  type PollingTriggerDefinition,
  type PollResult,
  type SettingsOf,
  type Trigger,
  type TriggerDefinition,
  trigger,
  type WebhookTrigger,
  type WebhookTriggerDefinition,
} from "./trigger.ts";
export { type Static, type TSchema, Type } from "./type.ts";
export type { Delivery, NormalizeContext, NormalizedEvent, Webhooks } from "./webhooks.ts";
