import { hookPoints } from "../hook-points.ts";
import { pointerTo } from "../pointer.ts";
import { defineRule } from "./rule.ts";

/** A hook that sees other people's records needs a permission; a plugin's own lifecycle does not. */
export const grantedHooksRule = defineRule({
  needs: ["permissions", "contributes"],
  check({ permissions, contributes }) {
    const granted = permissions.hooks?.names ?? [];
    return (contributes?.hooks ?? []).flatMap((name, index) =>
      hookPoints[name] === "lifecycle" || granted.includes(name)
        ? []
        : [
            {
              code: "hook-not-declared",
              pointer: pointerTo("contributes", "hooks", index),
              message: `The code has the hook ${name}, which permissions.hooks.names does not list; declare it there.`,
            },
          ],
    );
  },
});
