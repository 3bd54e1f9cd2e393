export { numeric, type SearchFields, string, token } from "./fields.ts";
export { searchParams, searchRecords } from "./search-records.ts";
