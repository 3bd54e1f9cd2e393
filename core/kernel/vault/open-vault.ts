import type { KeyManagement } from "@plugboard/service-kit/crypto";
import type { Route } from "@plugboard/service-kit/http";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../tables.ts";
import type { Changes } from "../changes/index.ts";
import { createDataKeys } from "./data-keys.ts";
import type { RotationJobs } from "./jobs.ts";
import { databaseNow } from "./queries.ts";
import { createReferenceKeys, type ReferenceKeys } from "./reference-key.ts";
import { createRotation } from "./rotation.ts";
import { createVaultRoutes } from "./routes.ts";
import { createVault, type Vault } from "./vault.ts";

/** The vault with what rotates its keys. */
export interface VaultPart extends Vault {
  referenceKeys: ReferenceKeys;
  routes: Route[];
}

export function openVault(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  keys: KeyManagement;
  jobs: RotationJobs;
}): VaultPart {
  const { db, keys, jobs } = options;
  const dataKeys = createDataKeys(options);
  const vault = createVault({ dataKeys });
  const rotation = createRotation({ ...options, vault });
  jobs.connect(rotation);
  return {
    ...vault,
    referenceKeys: createReferenceKeys({ db, keys }),
    routes: createVaultRoutes({ rotation, jobs, now: () => databaseNow(db) }),
  };
}
