import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import { problemsOf } from "../ajv-problems.ts";
import type { JsonSchema, Problem } from "../types.ts";
import { checkContributedSchema } from "./check.ts";
import { formats } from "./formats.ts";
import { type Budget, BudgetExceeded, linearTimeRegExp, refill } from "./regexes.ts";
import { measureValue } from "./value.ts";
import { weigh } from "./weight.ts";

/** Checks that one validation may cause: breadth of the schema × values in the document. About a second. */
const maxChecks = 20_000_000;

/** Up to here every problem is reported, above it the first: a list of a million wrong items is one problem. */
const maxChecksToReportAll = 200_000;
const maxProblems = 100;

/** A schema that {@link checkContributedSchema} refuses was to be compiled. */
export class ContributedSchemaError extends Error {
  override readonly name = "ContributedSchemaError";
  readonly problems: Problem[];
  constructor(problems: Problem[]) {
    super(`The schema is not allowed: ${problems[0]?.pointer ?? ""} ${problems[0]?.message ?? ""}`);
    this.problems = problems;
  }
}

/**
 * Compiles a schema written by a plugin (JSON Schema 2020-12, the subset of {@link checkContributedSchema}) to a
 * function that lists what is wrong with a value; an empty list says that it fits.
 *
 * Neither schema nor value is trusted: patterns run in linear time, and a value that would take too long to check is
 * refused with the code `too-complex`. A value is only read.
 *
 * @throws ContributedSchemaError
 */
export function compileContributedSchema(schema: JsonSchema): (value: unknown) => Problem[] {
  const problems = checkContributedSchema(schema);
  if (problems.length > 0) throw new ContributedSchemaError(problems);
  const own = structuredClone(schema);
  const { breadth } = weigh(own);
  const budget: Budget = { steps: 0 };
  const isValid = compileWithAjv(own, budget, { allErrors: false });
  let listAll: ValidateFunction | undefined;

  return (value) => {
    const measured = measureValue(value);
    if ("problem" in measured) return [measured.problem];
    const checks = breadth * measured.values;
    if (checks > maxChecks) return [tooComplex];
    try {
      refill(budget);
      if (isValid(value)) return [];
      if (checks > maxChecksToReportAll) return problemsOf(isValid.errors ?? [], { describe: false });
      listAll ??= compileWithAjv(own, budget, { allErrors: true });
      refill(budget);
      listAll(value);
      return problemsOf(listAll.errors ?? [], { describe: false }).slice(0, maxProblems);
    } catch (error) {
      if (error instanceof BudgetExceeded) return [tooComplex];
      throw error;
    }
  };
}

const tooComplex: Problem = {
  code: "too-complex",
  pointer: "",
  message: "The value is too large to be checked against its schema; send less at once.",
};

/** A new instance each time: ajv remembers every schema it compiled. */
function compileWithAjv(
  schema: JsonSchema,
  budget: Budget,
  options: { allErrors: boolean },
): ValidateFunction {
  return new Ajv2020({
    ...options,
    verbose: true,
    strict: true,
    strictTypes: false,
    strictRequired: false,
    strictTuples: false,
    allowMatchingProperties: true,
    ownProperties: true,
    inlineRefs: false,
    // Our own meta-schema has been applied.
    meta: false,
    validateSchema: false,
    formats,
    logger: false,
    code: { regExp: linearTimeRegExp(budget) },
  }).compile(schema);
}
