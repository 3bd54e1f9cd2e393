import type { TestSchema } from "@plugboard/service-kit/testing";
import { coreMigrations } from "../../core/migrations/index.ts";
import { registryMigrations } from "../../registry/migrations/index.ts";

/** What a host and its embedded registry find in their database when they start for the second time. */
export const hostSchema: TestSchema = {
  migrated: [
    { schema: "core", migrations: coreMigrations },
    { schema: "registry", migrations: registryMigrations },
  ],
  jobs: true,
};
