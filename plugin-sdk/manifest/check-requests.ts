import { Ajv2020 } from "ajv/dist/2020.js";
import { problemsOf } from "./ajv-problems.ts";
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

/**
 * What is wrong with something that an operator or a tenant says over a manifest's `requests`; pointers begin with
 * `/requests`. Without `permissions` its hosts are not held against any.
 */
export function checkRequests(value: unknown, permissions?: Pick<Permissions, "network">): Problem[] {
  if (!matchesSchema(value)) {
    return problemsOf(matchesSchema.errors ?? [], { describe: true }).map((problem) => ({
      ...problem,
      pointer: `/requests${problem.pointer}`,
    }));
  }
  return permissions ? requestsProblems(value, permissions) : [];
}
