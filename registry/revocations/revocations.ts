import { canonicalJson, sha256Hex } from "@plugboard/plugin-sdk/trust";
import type { RegistryDatabase } from "../tables.ts";
import { type RevocationChange, type Revocations, withheldName } from "../transparency/index.ts";
import * as queries from "./queries.ts";

/** All that hosts must not run and believe any more, of what was published. Short, however much is published. */
export async function listRevocations(db: RegistryDatabase): Promise<Revocations> {
  const all = await queries.listBlocked(db);
  const blocked = all.flatMap(({ plugin, version, block, tenant_id }) =>
    block && tenant_id === null ? [{ plugin, version, reason: block.reason, seq: block.seq }] : [],
  );
  const withheld = all
    .filter(({ tenant_id }) => tenant_id !== null)
    .map(({ tarball_sha512 }) => withheldName(tarball_sha512))
    .sort();
  const keys = (await queries.listRevokedKeys(db)).map(({ publisher, kid, until_seq }) => ({
    publisher,
    kid,
    until: until_seq ?? 0,
  }));
  return { blocked, ...(withheld.length > 0 && { withheld }), keys };
}

/** What a checkpoint names the list by. */
export function revocationsHash(revocations: Revocations): string {
  return sha256Hex(canonicalJson(revocations));
}

/** So many changes answer one request. */
export const changesPerPage = 1000;

/**
 * What changed in the list behind a place in the log, the longest ago first. What changed twice is told once, as it is now.
 *
 * @param page.from where the page before ended; 0 for the first
 * @returns next: where this page ends, if there is more
 */
export async function listRevocationChanges(
  db: RegistryDatabase,
  page: { after: number; from: number },
): Promise<{ changes: RevocationChange[]; next: number | undefined }> {
  const rows = await queries.listChanges(db, { ...page, limit: changesPerPage });
  const isFull = rows.length === changesPerPage;
  return { changes: rows.map(toChange), next: isFull ? rows.at(-1)?.id : undefined };
}

type ChangeRow = Awaited<ReturnType<typeof queries.listChanges>>[number];

function toChange(row: ChangeRow): RevocationChange {
  const { kind, owner, name, block } = row;
  if (kind === "key") {
    const isListed = row.ended === "revoked" && row.has_signed;
    return { kind, publisher: owner, kid: name, until: isListed ? (row.until_seq ?? 0) : null };
  }
  // Of a private plugin's version nobody may learn the name; nor of one whose listing does not say that it is none.
  if (row.listing === null || row.tenant_id !== null)
    return { kind: "package", digest: withheldName(row.tarball_sha512 ?? ""), isWithheld: block !== null };
  return { kind, plugin: owner, version: name, block: block && { reason: block.reason, seq: block.seq } };
}
