export { DatabaseError, type DatabaseErrorCode } from "./errors.ts";
export { type Migration, migrate } from "./migrate.ts";
export { type Database, type DatabaseOptions, openDatabase } from "./open-database.ts";
export { prepared } from "./prepared.ts";
