import { contributedHooks } from "../contributed-hooks.ts";
import { hookPoints } from "../hook-points.ts";
import { pointerTo } from "../pointer.ts";
import type { Problem } from "../types.ts";
import { defineRule } from "./rule.ts";

/**
 * A hook that sees what other plugins do needs a permission; a plugin's own lifecycle does not. And a tenant is asked
 * for nothing that the code does not use.
 */
export const grantedHooksRule = defineRule({
  needs: ["permissions", "contributes"],
  check({ permissions, contributes }) {
    // As authored: what the code has is not known before it was built.
    if (!contributes) return [];
    const granted = permissions.hooks?.names ?? [];
    const names = contributedHooks({ contributes }).map(({ name }) => name);
    return [
      ...names.flatMap((name, index): Problem[] => {
        const pointer = pointerTo("contributes", "hooks", index);
        if (names.indexOf(name) < index)
          return [{ code: "duplicate-item", pointer, message: `The hook ${name} is listed twice.` }];
        if (hookPoints[name].kind === "lifecycle" || granted.includes(name)) return [];
        const message = `The code has the hook ${name}, which permissions.hooks.names does not list; declare it there.`;
        return [{ code: "hook-not-declared", pointer, message }];
      }),
      ...granted.flatMap((name, index): Problem[] =>
        names.some((one) => one === name)
          ? []
          : [
              {
                code: "hook-not-used",
                pointer: pointerTo("permissions", "hooks", "names", index),
                message: `permissions.hooks.names asks for ${name}, and the code has no such hook; ask for what is used only.`,
              },
            ],
      ),
    ];
  },
});
