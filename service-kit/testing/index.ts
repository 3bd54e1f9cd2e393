export { openTestDatabase, type TestDatabaseOptions } from "./test-database.ts";
