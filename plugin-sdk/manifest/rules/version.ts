import { valid } from "semver";
import { defineRule } from "./rule.ts";

/** One version has one spelling: no `v1.0.0`, no `01.0.0`, and no build metadata, which ranges ignore. */
export const versionRule = defineRule({
  needs: ["version"],
  check({ version }) {
    if (valid(version) === version) return [];
    return [
      {
        code: "version-invalid",
        pointer: "/version",
        message: `version is ${JSON.stringify(version)}; expected a semantic version without "v" and build metadata, such as 1.0.0 or 1.0.0-beta.1.`,
      },
    ];
  },
});
