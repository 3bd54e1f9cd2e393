export type { TestSchema } from "./template.ts";
export { openTestDatabase, type TestDatabaseOptions } from "./test-database.ts";
