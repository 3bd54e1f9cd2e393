export { checkContributedSchema } from "./check.ts";
export { ContributedSchemaError, compileContributedSchema } from "./compile.ts";
