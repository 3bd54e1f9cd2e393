export { checkKeyManagement } from "./check-key-management.ts";
export type { TestSchema } from "./template.ts";
export { openTestDatabase, type TestDatabaseOptions } from "./test-database.ts";
