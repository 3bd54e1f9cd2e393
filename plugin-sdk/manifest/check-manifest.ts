import { copyPlainJson } from "./plain-json.ts";
import { rules } from "./rules/index.ts";
import { manifestSchema } from "./schema/index.ts";
import { shapeCheck } from "./shape-check.ts";
import { writeOutShared } from "./shared-schemas.ts";
import type { Manifest, Problem } from "./types.ts";

/** More than this helps nobody, and the report itself must not become a burden. */
const maxProblems = 100;

const problemsOfShape = shapeCheck(manifestSchema);

/**
 * Checks a parsed plugin.json. Reports every problem, each with a stable code, a JSON pointer and what was
 * expected; a rule is skipped only where the shape of what it needs is already wrong.
 *
 * Schemas that a build has put under `contributes.$defs` are written out, each one object in all its places.
 * The manifest that is returned is a copy: what the caller later does to `value` does not change it.
 */
export function checkManifest(
  value: unknown,
): { manifest: Manifest; problems: [] } | { manifest: undefined; problems: Problem[] } {
  const copied = copyPlainJson(value);
  if (!("value" in copied)) return { manifest: undefined, problems: copied.problems.slice(0, maxProblems) };

  const { value: candidate, problems: unreadable } = writeOutShared(copied.value);
  if (unreadable.length > 0) return { manifest: undefined, problems: unreadable.slice(0, maxProblems) };
  const problems = problemsOfShape(candidate);
  if (candidate !== null && typeof candidate === "object" && !Array.isArray(candidate)) {
    const misshapen = new Set(problems.map(({ pointer }) => pointer.split("/")[1] ?? ""));
    for (const rule of rules) {
      // The rule's own fields have the shape of a manifest, whatever may be wrong elsewhere.
      if (rule.needs.every((field) => !misshapen.has(field)))
        problems.push(...rule.check(candidate as unknown as Manifest));
    }
  }
  return problems.length === 0
    ? { manifest: candidate as unknown as Manifest, problems: [] }
    : { manifest: undefined, problems: problems.slice(0, maxProblems) };
}
