import { readFileSync } from "node:fs";
import path from "node:path";
import type { Migration } from "@plugboard/service-kit/database";

/** In the order in which they are applied. Once released, a migration is never changed: a new one follows it. */
const ids = [
  "0001-access",
  "0002-installs",
  "0003-events",
  "0004-plugin-storage",
  "0005-install-versions",
  "0006-hook-changes",
  "0007-storage-epochs",
  "0008-registry-trust",
  "0009-event-quota",
  "0010-install-permissions",
  "0011-history-order",
  "0012-entitlements",
  "0013-usage",
  "0014-update-channels",
  "0015-agreed-consents",
  "0016-vault",
  "0017-idempotent-requests",
  "0018-policy-refusals",
  "0019-triggers",
  "0020-connection-activity",
  "0021-connection-requests",
  "0022-oauth-client-grants",
  "0023-trigger-first-pages",
  "0024-idempotency-usage",
  "0025-trigger-holds",
  "0026-health-by-tenant",
  "0027-files",
  "0028-streams",
  "0029-triggers-in-turn",
  "0030-install-categories",
  "0031-batch-parts",
];

export const coreMigrations: Migration[] = ids.map((id) => ({
  id,
  sql: readFileSync(path.join(import.meta.dirname, `${id}.sql`), "utf8"),
}));
