/**
 * What becomes of a hook's answer:
 * - `lifecycle`: only the plugin itself, and a failure aborts what was going on; needs no permission;
 * - `waterfall`: each plugin may change the value; a failing one is logged and skipped, or stops what it is about where
 *   its permission says `"onFailure": "refuse"`;
 * - `parallel`: observers; nobody waits for their answer.
 */
export type HookKind = "lifecycle" | "waterfall" | "parallel";

export interface HookPoint {
  kind: HookKind;
  /** Wall clock of one run, in ms; a hook that takes longer has failed. */
  timeoutMs: number;
  description: string;
}

/** Every hook there is. An unknown name is refused, not ignored. Inputs and answers: author/hooks.ts. */
export const hookPoints = {
  install: {
    kind: "lifecycle",
    timeoutMs: 10_000,
    description: "the plugin is being installed; a failure stops the install",
  },
  upgrade: {
    kind: "lifecycle",
    timeoutMs: 30_000,
    description: "the install changes its version; runs in the new one, and a failure keeps the old one",
  },
  uninstall: {
    kind: "lifecycle",
    timeoutMs: 10_000,
    description: "the plugin is being uninstalled; a failure keeps it, unless the uninstall is forced",
  },
  "action.beforeRun": {
    kind: "waterfall",
    timeoutMs: 2_000,
    description: "another plugin's action is about to run; may change its input",
  },
  "action.afterRun": {
    kind: "parallel",
    timeoutMs: 10_000,
    description: "another plugin's action has run; sees how it went, not what it answered",
  },
  "record.beforeWrite": {
    kind: "waterfall",
    timeoutMs: 2_000,
    description: "another plugin is about to write a record; may change it",
  },
  "request.before": {
    kind: "waterfall",
    timeoutMs: 2_000,
    description:
      "another plugin is about to send a request to its vendor; may change its query, headers and body",
  },
  "response.after": {
    kind: "waterfall",
    timeoutMs: 2_000,
    description: "another plugin's vendor has answered; may change the reply's headers and body",
  },
} as const satisfies { readonly [name: string]: HookPoint };

export type HookName = keyof typeof hookPoints;

export function isHookName(name: string): name is HookName {
  return Object.hasOwn(hookPoints, name);
}

/** When, among the plugins that have the same hook, one is run. Within the same order the older install is first. */
export const hookOrders = ["early", "normal", "late"] as const;

export type HookOrder = (typeof hookOrders)[number];

export const hookNames = Object.keys(hookPoints) as HookName[];

/** The names of the hooks that may stand in `permissions.hooks`, that is all but the lifecycle ones. */
export const grantableHooks = hookNames.filter((name) => hookPoints[name].kind !== "lifecycle");
