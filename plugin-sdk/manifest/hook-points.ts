/**
 * What becomes of a hook's answer:
 * - `lifecycle`: only the plugin itself, and a failure aborts what was going on; needs no permission;
 * - `waterfall`: each plugin may change the value; a failing one is logged and skipped;
 * - `parallel`: observers.
 */
export type HookKind = "lifecycle" | "waterfall" | "parallel";

/** Every hook there is. An unknown name is refused, not ignored. */
export const hookPoints: { readonly [name: string]: HookKind } = {
  install: "lifecycle",
  upgrade: "lifecycle",
  uninstall: "lifecycle",
  "record.beforeWrite": "waterfall",
};

/** The names of the hooks that may stand in `permissions.hooks`, that is all but the lifecycle ones. */
export const grantableHooks: string[] = Object.keys(hookPoints).filter(
  (name) => hookPoints[name] !== "lifecycle",
);
