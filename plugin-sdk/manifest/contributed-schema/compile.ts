import { Ajv2020 } from "ajv/dist/2020.js";
import { problemsOf } from "../ajv-problems.ts";
import type { JsonSchema, Problem } from "../types.ts";
import { checkContributedSchema, hostParts } from "./check.ts";
import { formats } from "./formats.ts";
import { type Budget, BudgetExceeded, createPatternCheck, linearTimeRegExp, refill } from "./regexes.ts";
import { samenessKeywords } from "./sameness.ts";
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
 * Makes of a schema written by a plugin (JSON Schema 2020-12, the subset of {@link checkContributedSchema}) a
 * function that lists what is wrong with a value; an empty list says that it fits.
 *
 * Neither schema nor value is trusted: patterns run in linear time, and a value that would take too long to check is
 * refused with the code `too-complex`. A value is only read. Code is generated at the first call.
 *
 * @throws ContributedSchemaError
 */
export function compileContributedSchema(schema: JsonSchema): (value: unknown) => Problem[] {
  const problems = checkContributedSchema(schema, createPatternCheck(), hostParts);
  if (problems.length > 0) throw new ContributedSchemaError(problems);
  const own = structuredClone(schema);
  const { breadth } = weigh(own, hostParts);
  let findAll: Finder | undefined;
  let findFirst: Finder | undefined;

  return (value) => {
    const measured = measureValue(value);
    if ("problem" in measured) return [measured.problem];
    const checks = breadth * measured.values;
    if (checks > maxChecks) return [tooComplex];
    if (checks <= maxChecksToReportAll) {
      findAll ??= compileWithAjv(own, { allErrors: true });
      const found = findAll(value);
      if (found) return found.slice(0, maxProblems);
    }
    // Over the budget, the first problem may still be found early.
    findFirst ??= compileWithAjv(own, { allErrors: false });
    return findFirst(value) ?? [tooComplex];
  };
}

/** What is wrong with a value; undefined if it costs too much to find out. */
type Finder = (value: unknown) => Problem[] | undefined;

const tooComplex: Problem = {
  code: "too-complex",
  pointer: "",
  message: "The value is too large to be checked against its schema; send less at once.",
};

/** A new instance each time: ajv remembers every schema it compiled. */
function compileWithAjv(schema: JsonSchema, options: { allErrors: boolean }): Finder {
  const budget: Budget = { steps: 0 };
  const ajv = new Ajv2020({
    ...options,
    verbose: true,
    ownProperties: true,
    inlineRefs: false,
    strictNumbers: true,
    // Our own meta-schema, which is stricter, has been applied.
    strict: false,
    meta: false,
    validateSchema: false,
    formats,
    logger: false,
    // ajv's optimiser takes longer than it ever saves here.
    code: { regExp: linearTimeRegExp(budget), optimize: false },
  });
  for (const definition of samenessKeywords)
    ajv.removeKeyword(String(definition.keyword)).addKeyword(definition);
  const isValid = ajv.compile(schema);
  return (value) => {
    refill(budget);
    try {
      return isValid(value) ? [] : problemsOf(isValid.errors ?? [], { describe: false });
    } catch (error) {
      if (error instanceof BudgetExceeded) return undefined;
      throw error;
    }
  };
}
