export { firstPage, nextPage, type OpenQuery } from "./open-query.ts";
export { parseSoql } from "./parse.ts";
export type { Found } from "./project.ts";
export { type QueryResult, runSoql } from "./run.ts";
