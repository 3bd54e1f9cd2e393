import { RE2JS } from "re2js";

/** How many steps of the matcher a pattern may need for one character. */
const maxProgramSize = 2_000;

/** The same for all patterns of a manifest together. */
const maxTotalProgramSize = 50_000;

/** What patterns may cost in one validation: program size × characters looked at. About a second at the worst. */
const maxSteps = 50_000_000;

/** Thrown out of a validation that became too expensive to finish. */
export class BudgetExceeded extends Error {}

/** The steps that are left for one validation; patterns compiled with it share it. */
export interface Budget {
  steps: number;
}

export function refill(budget: Budget): void {
  budget.steps = maxSteps;
}

/**
 * Makes a check of patterns that says why one is refused, as the end of a sentence about it. What it lets through in
 * total is bounded, too: each pattern is small, but there may be many.
 */
export function createPatternCheck(): (pattern: string) => string | undefined {
  let allowance = maxTotalProgramSize;
  return (pattern) => {
    if (allowance <= 0) return "is one too many; use fewer or shorter patterns.";
    if (!isEcmaScript(pattern)) return "is not a regular expression; expected ECMA-262 with the u flag.";
    const size = programSize(pattern);
    allowance -= size ?? maxProgramSize;
    if (size === undefined) {
      return "cannot be matched in linear time; leave out look-around, back-references and repeat counts above 1000.";
    }
    return size <= maxProgramSize ? undefined : "is too large; shorten it or lower its repeat counts.";
  };
}

function isEcmaScript(pattern: string): boolean {
  try {
    new RegExp(pattern, "u");
    return true;
  } catch {
    return false;
  }
}

function programSize(pattern: string): number | undefined {
  try {
    return compile(pattern).programSize();
  } catch {
    return undefined;
  }
}

/** An engine for ajv's `code.regExp`: linear in the text, and within the budget. */
export function linearTimeRegExp(budget: Budget) {
  function regExp(pattern: string): { test(text: string): boolean; toString(): string } {
    const compiled = compile(pattern);
    const size = compiled.programSize();
    return {
      test(text) {
        budget.steps -= size * (text.length + 1);
        if (budget.steps < 0) throw new BudgetExceeded();
        return compiled.test(text);
      },
      // ajv takes two patterns with the same text for the same pattern.
      toString: () => JSON.stringify(pattern),
    };
  }
  // The name of the engine in standalone code, which ajv asks for and which is never made here.
  regExp.code = "linearTimeRegExp";
  return regExp;
}

/** What was compiled last, oldest first: the same patterns come again at each check of a manifest, and with each schema. */
const compiled = new Map<string, RE2JS>();
const maxCompiled = 100;
/** So that what is kept takes a few MiB at the most, whatever the patterns are. */
const maxKeptProgramSize = 500;

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern);
  if (known) return known;
  const made = RE2JS.compile(RE2JS.translateRegExp(pattern));
  if (pattern.length > maxKeptProgramSize || made.programSize() > maxKeptProgramSize) return made;
  const [oldest] = compiled.size < maxCompiled ? [] : compiled.keys();
  if (oldest !== undefined) compiled.delete(oldest);
  compiled.set(pattern, made);
  return made;
}
