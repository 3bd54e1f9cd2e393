import { pointerTo } from "./pointer.ts";
import type { RequestsDeclaration } from "./requests.ts";
import { requestsProblems } from "./requests-problems.ts";
import { manifestSchema } from "./schema/index.ts";
import { shapeCheck } from "./shape-check.ts";
import type { Permissions, Problem } from "./types.ts";

const problemsOfShape = shapeCheck(manifestSchema.properties.requests);

/** So many problems are told; nobody mends more at a time. */
const mostProblems = 50;
/** No list and no object of a declaration has more. */
const mostItems = 100;
/** Nor is anything nested deeper. */
const mostLevels = 8;

/**
 * What is wrong with something that an operator or a tenant says over a manifest's `requests`; pointers begin with
 * `/requests`. Without `permissions` its hosts are not held against any.
 */
export function checkRequests(value: unknown, permissions?: Pick<Permissions, "network">): Problem[] {
  const tooMany = firstTooMany(value, ["requests"]);
  if (tooMany) return [tooMany];
  const problems = problemsOfShape(value).slice(0, mostProblems);
  if (problems.length > 0)
    return problems.map((problem) => ({ ...problem, pointer: `/requests${problem.pointer}` }));
  return requestsProblems(value as RequestsDeclaration, permissions).slice(0, mostProblems);
}

/** Before anything looks at each item: whoever says this may be a tenant, and all of its items may be wrong. */
function firstTooMany(value: unknown, place: readonly string[]): Problem | undefined {
  if (typeof value !== "object" || value === null || place.length > mostLevels) return undefined;
  const names = Object.keys(value);
  if (names.length > mostItems) {
    const pointer = pointerTo(...place);
    return {
      code: "too-many",
      pointer,
      message: `${pointer} must have at most ${mostItems} items, and has ${names.length}.`,
    };
  }
  for (const [name, item] of Object.entries(value)) {
    const problem = firstTooMany(item, [...place, name]);
    if (problem) return problem;
  }
  return undefined;
}
