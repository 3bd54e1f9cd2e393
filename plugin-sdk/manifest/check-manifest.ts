import { copyPlainJson } from "./plain-json.ts";
import { rules } from "./rules/index.ts";
import { manifestSchema } from "./schema/index.ts";
import { shapeCheck } from "./shape-check.ts";
import type { Manifest, Problem } from "./types.ts";

/** More than this helps nobody, and the report itself must not become a burden. */
const maxProblems = 100;

const problemsOfShape = shapeCheck(manifestSchema);

/**
 * Checks a parsed plugin.json. Reports every problem, each with a stable code, a JSON pointer and what was
 * expected; a rule is skipped only where the shape of what it needs is already wrong.
 *
 * The manifest that is returned is a copy: what the caller later does to `value` does not change it.
 */
export function checkManifest(
  value: unknown,
): { manifest: Manifest; problems: [] } | { manifest: undefined; problems: Problem[] } {
  const copied = copyPlainJson(value);
  if (!("value" in copied)) return { manifest: undefined, problems: copied.problems.slice(0, maxProblems) };

  const candidate: unknown = copied.value;
  const problems = problemsOfShape(candidate);
  if (candidate !== null && typeof candidate === "object" && !Array.isArray(candidate)) {
    const misshapen = new Set(problems.map(({ pointer }) => pointer.split("/")[1] ?? ""));
    for (const rule of rules) {
      // The rule's own fields have the shape of a manifest, whatever may be wrong elsewhere.
      if (rule.needs.every((field) => !misshapen.has(field)))
        problems.push(...rule.check(candidate as Manifest));
    }
  }
  return problems.length === 0
    ? { manifest: candidate as Manifest, problems: [] }
    : { manifest: undefined, problems: problems.slice(0, maxProblems) };
}
