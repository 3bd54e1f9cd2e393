import type { HookName, HookOrder } from "../manifest/index.ts";
import type { Json, Logger } from "./context.ts";
import type { Events } from "./events.ts";
import type { HookedReply, HookedRequest } from "./hooked.ts";
import type { Storage } from "./storage.ts";

export type { HookName, HookOrder };

// biome-ignore lint/suspicious/noConfusingVoidType: what a function without an answer returns, also one typed elsewhere
type Nothing = void;

/** Fields of an action's input, or of a record. */
export type Fields = { [field: string]: Json };

/** An action of another plugin, and the tenant's account that it is run for. */
export interface ObservedAction {
  /** `publisher/name` */
  plugin: string;
  action: string;
  connectionId: string;
}

/**
 * What each hook is handed and may answer. A waterfall's answer is the value to go on with; none leaves it as it was.
 * A value that no longer fits is dropped, and so is that of a hook that throws or takes too long; where plugin.json says
 * `"onFailure": "refuse"` beside the hooks' names, what it was about is refused instead.
 */
export interface HookTypes {
  install: { input: { version: string }; answer: Nothing };
  /** `rollback`: the version goes back, by the operator's or tenant's will. */
  upgrade: { input: { from: string; to: string; rollback: boolean }; answer: Nothing };
  uninstall: { input: { version: string }; answer: Nothing };
  /** `value` is the input that the action was called with. */
  "action.beforeRun": { input: ObservedAction & { value: Fields }; answer: Fields | null | Nothing };
  "action.afterRun": {
    /** `outcome` is "ok" or an error's code. */
    input: ObservedAction & { callId: string; outcome: string; durationMs: number };
    answer: Nothing;
  };
  /** `value` is the record, or of an update the fields of it, that is about to be written through another plugin. */
  "record.beforeWrite": {
    input: {
      plugin: string;
      entity: string;
      operation: "create" | "update" | "upsert";
      connectionId: string;
      value: Fields;
    };
    answer: Fields | null | Nothing;
  };
  /** `value` is what another plugin, or a caller of the proxy, is about to send to its vendor. */
  "request.before": {
    input: { plugin: string; connectionId: string; value: HookedRequest };
    answer: HookedRequest | null | Nothing;
  };
  /** `value` is what its vendor has answered to `request`. */
  "response.after": {
    input: {
      plugin: string;
      connectionId: string;
      request: { method: string; url: string };
      value: HookedReply;
    };
    answer: HookedReply | null | Nothing;
  };
}

/** What a hook is handed. There is no `fetch`: a hook runs for the install, not for an account at the vendor. */
export interface HookContext<Name extends HookName> {
  input: HookTypes[Name]["input"];
  /** As in an action: there when plugin.json asks for it. */
  storage: Storage;
  events: Events;
  log: Logger;
  /** Aborted when the hook is out of time; how long it has stands in `hookPoints` of `…/manifest`. */
  signal: AbortSignal;
}

/** What a hook is: it sees what happens, and may answer what to go on with where its answer is read. */
export type HookFunction<Name extends HookName> = (
  context: HookContext<Name>,
) => HookTypes[Name]["answer"] | Promise<HookTypes[Name]["answer"]>;

/** A hook, or a hook that says when, among the plugins that have the same one, it is run: `normal` if it does not. */
export type Hook<Name extends HookName> = HookFunction<Name> | { order?: HookOrder; run: HookFunction<Name> };

/**
 * A plugin's hooks by name. All but `install`, `upgrade` and `uninstall` see what the tenant's other plugins do, and
 * have to be asked for in `permissions.hooks`.
 *
 * @example
 * hooks: {
 *   async install({ storage }) { await storage.set("since", new Date().toISOString()); },
 *   "action.beforeRun": { order: "early", run: ({ input }) => ({ ...input.value, source: "checked" }) },
 *   "request.before": ({ input: { value } }) => ({ ...value, headers: { ...value.headers, "x-company": "acme" } }),
 * }
 */
export type Hooks = { [Name in HookName]?: Hook<Name> };
