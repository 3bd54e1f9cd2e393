import { type HookName, type HookOrder, isHookName } from "./hook-points.ts";
import type { Manifest } from "./types.ts";

export interface ContributedHook {
  name: HookName;
  order: HookOrder;
}

/** The hooks that a plugin's code has, with their order; also from the older form, a list of plain names. */
export function contributedHooks({ contributes }: Pick<Manifest, "contributes">): ContributedHook[] {
  return (contributes?.hooks ?? []).flatMap((hook): ContributedHook[] => {
    const { name, order = "normal" } = typeof hook === "string" ? { name: hook } : hook;
    return isHookName(name) ? [{ name, order }] : [];
  });
}
