import { Ajv2020 } from "ajv/dist/2020.js";
import { problemsOf } from "./ajv-problems.ts";
import { pointerTo } from "./pointer.ts";
import type { RequestsDeclaration } from "./requests.ts";
import { requestsProblems } from "./requests-problems.ts";
import { manifestSchema } from "./schema/index.ts";
import type { Permissions, Problem } from "./types.ts";

const matchesSchema = new Ajv2020({
  allErrors: true,
  verbose: true,
  strict: true,
  strictTypes: false,
  strictRequired: false,
  discriminator: true,
}).compile<RequestsDeclaration>(manifestSchema.properties.requests);

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
  if (!matchesSchema(value)) {
    const problems = problemsOf(matchesSchema.errors ?? [], { describe: true });
    return problems.slice(0, mostProblems).map((problem) => ({
      ...problem,
      pointer: `/requests${problem.pointer}`,
    }));
  }
  return requestsProblems(value, permissions).slice(0, mostProblems);
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
