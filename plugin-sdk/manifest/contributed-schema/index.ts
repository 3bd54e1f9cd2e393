export { checkContributedSchema } from "./check.ts";
export { ContributedSchemaError, compileContributedSchema } from "./compile.ts";
export { createPatternCheck } from "./regexes.ts";
