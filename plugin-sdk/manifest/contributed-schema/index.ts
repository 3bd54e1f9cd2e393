export { checkContributedSchema } from "./check.ts";
export { schemasUnder } from "./children.ts";
export { ContributedSchemaError, compileContributedSchema } from "./compile.ts";
export { findFileIds } from "./file-ids.ts";
export { createPatternCheck } from "./regexes.ts";
