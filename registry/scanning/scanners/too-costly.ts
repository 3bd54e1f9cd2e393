import type { Finding } from "../scanner.ts";

/** The text itself took more memory or stack to look at than any plugin has need of. */
export function tooCostly(file: string): Finding {
  const message =
    "Looking at the text took more memory than a scan may take. Split very long lines and deeply nested expressions, and leave data out of the code.";
  return { code: "scan-too-costly", pointer: "", file, message };
}
