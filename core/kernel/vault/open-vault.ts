import type { KeyManagement } from "@plugboard/service-kit/crypto";
import type { Route } from "@plugboard/service-kit/http";
import type { Logger } from "@plugboard/service-kit/observe";
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
  /** Ends what it does in the background; another start goes on with it. */
  close(): Promise<void>;
}

export function openVault(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  keys: KeyManagement;
  jobs: RotationJobs;
  logger: Logger;
}): VaultPart {
  const { db, keys, jobs, logger } = options;
  const dataKeys = createDataKeys(options);
  const vault = createVault({ dataKeys });
  const rotation = createRotation({ ...options, vault });
  jobs.connect(rotation);
  const ending = new AbortController();
  let rewrapping: Promise<unknown> = Promise.resolve();

  /** By this host, and none that may not have the new master key yet. */
  function rewrap(): void {
    rewrapping = rewrapping
      .then(() => rotation.goOn(ending.signal))
      .catch((err) => logger.error({ err }, "keys could not be wrapped under the current master key"));
  }

  return {
    ...vault,
    referenceKeys: createReferenceKeys({ db, keys }),
    routes: createVaultRoutes({ rotation, rewrap, jobs, now: () => databaseNow(db) }),
    async close() {
      ending.abort();
      await rewrapping;
    },
  };
}
