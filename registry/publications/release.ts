import type { PluginPackage } from "@plugboard/plugin-sdk/package";
import { type RegistryStatement, sha256Hex } from "@plugboard/plugin-sdk/trust";
import { decodeJwt, decodeProtectedHeader } from "jose";
import { addRelease } from "../catalog/index.ts";
import { appendToLog, lockLog } from "../log/index.ts";
import { updateRecord } from "../plugin-index/index.ts";
import { visibilityProblems } from "../private-plugins/index.ts";
import { isKeyInUse } from "../publishers/index.ts";
import type { Finding, ScanSummary } from "../scanning/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Trust } from "../trust/index.ts";
import type { PublicationRow } from "./queries.ts";

/**
 * Signs a release and makes it visible, in the transaction that ends its publication.
 *
 * @returns why it cannot be: the key that signed it counts no more, or the plugin is for others; nothing if it is released
 */
export async function release(
  transaction: RegistryDatabase,
  o: {
    row: PublicationRow;
    content: PluginPackage;
    scan: ScanSummary;
    decidedBy?: "operator" | undefined;
    trust: Trust;
    now: () => Date;
  },
): Promise<Finding[]> {
  const { row, content, scan, trust, now } = o;
  const { plugin, version, publisher, statement_jws: publisherJws } = row;
  const signedBy = decodeProtectedHeader(publisherJws).kid ?? "";
  // Held from here on: the key cannot be retired between this look and the release.
  await lockLog(transaction);
  if (!(await isKeyInUse(transaction, publisher, signedBy))) {
    const message = "The key that signed it was retired or revoked meanwhile. Sign it with another.";
    return [{ code: "publisher-key-unknown", pointer: "", message }];
  }
  const problems = await visibilityProblems(transaction, { plugin, publisher, tenantId: row.tenant_id });
  if (problems.length > 0) return problems;
  const write = ({ seq, at }: { seq: number; at: string }) => {
    const statement: RegistryStatement = {
      publisherJwsSha256: sha256Hex(publisherJws),
      id: plugin,
      version,
      seq,
      publishedAt: at,
      scan: { ...scan, ...(o.decidedBy && { decidedBy: o.decidedBy }) },
    };
    return trust.sign(transaction, "registry", statement);
  };
  const { body } = await appendToLog(transaction, now, "release", write, row.tenant_id);
  await addRelease(transaction, {
    publicationId: row.id,
    manifest: content.manifest,
    manifestSha512: content.statement.manifestSha512,
    tarball: { sha512: content.sha512, size: content.size },
    files: content.files,
    signedBy,
    statement: decodeJwt<RegistryStatement>(body),
    registryJws: body,
  });
  await updateRecord(transaction, plugin);
  return [];
}
