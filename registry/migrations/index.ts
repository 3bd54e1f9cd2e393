import { readFileSync } from "node:fs";
import path from "node:path";
import type { Migration } from "@plugboard/service-kit/database";

/** In the order in which they are applied. Once released, a migration is never changed: a new one follows it. */
const ids = [
  "0001-trust",
  "0002-publishers",
  "0003-publications",
  "0004-catalog",
  "0005-installs",
  "0006-statistics",
  "0007-trust-chain",
  "0008-search",
  "0009-reviews",
  "0010-listing-data",
  "0011-scans",
  "0012-accounts",
  "0013-pricing",
  "0014-publisher-origin",
  "0015-policies",
  "0016-signed-by",
  "0017-token-children",
  "0018-paid-time",
  "0019-private-plugins",
  "0020-usage",
  "0021-tenants-of-hosts",
  "0022-admitted-names",
  "0023-screenshots",
  "0024-revocation-changes",
  "0025-tenants-of-private-plugins",
];

export const registryMigrations: Migration[] = ids.map((id) => ({
  id,
  sql: readFileSync(path.join(import.meta.dirname, `${id}.sql`), "utf8"),
}));
