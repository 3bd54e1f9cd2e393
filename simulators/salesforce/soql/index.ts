export { firstPage, nextPage, type OpenQuery } from "./open-query.ts";
export { type Found, type QueryResult, runSoql } from "./run.ts";
