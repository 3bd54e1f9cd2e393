// Takes an Admin schema out of Shopify's own package: node scripts/take-schema.ts 2026-10 1.16.0
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { buildClientSchema, type IntrospectionQuery, printSchema } from "graphql";

const [apiVersion, packageVersion] = process.argv.slice(2);
if (!/^\d{4}-\d{2}$/.test(apiVersion ?? "") || !packageVersion)
  throw new Error("Usage: node scripts/take-schema.ts <api version, 2026-10> <version of @shopify/dev-mcp>");

const folder = mkdtempSync(join(tmpdir(), "shopify-schema-"));
try {
  execFileSync("npm", ["pack", "--silent", `@shopify/dev-mcp@${packageVersion}`], { cwd: folder });
  execFileSync("tar", ["xzf", `shopify-dev-mcp-${packageVersion}.tgz`], { cwd: folder });
  const packed = readFileSync(join(folder, "package", "dist", "data", `admin_${apiVersion}.json.gz`));
  const { data } = JSON.parse(gunzipSync(packed).toString("utf8"), withoutDescription) as {
    data: IntrospectionQuery;
  };
  const target = join(import.meta.dirname, "..", "schema", `admin-${apiVersion}.graphql.gz`);
  writeFileSync(target, gzipSync(printSchema(buildClientSchema(data)), { level: 9 }));
} finally {
  rmSync(folder, { recursive: true });
}

/** Of types, fields and arguments alike; a member of that name inside of a default value is text, not a member. */
function withoutDescription(key: string, value: unknown): unknown {
  return key === "description" && (typeof value === "string" || value === null) ? undefined : value;
}
