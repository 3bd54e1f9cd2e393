import { validRange } from "semver";
import { defineRule } from "./rule.ts";

/** An empty range would mean "any version" without anybody having said so. */
export const enginesRule = defineRule({
  needs: ["engines"],
  check({ engines }) {
    if (engines.plugboard.trim() !== "" && validRange(engines.plugboard) !== null) return [];
    return [
      {
        code: "engines-invalid",
        pointer: "/engines/plugboard",
        message: `engines.plugboard is ${JSON.stringify(engines.plugboard)}; expected a semver range such as ^1.0.0.`,
      },
    ];
  },
});
