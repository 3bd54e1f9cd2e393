import { createHash } from "node:crypto";
import { buffer } from "node:stream/consumers";
import { PackageError, type PluginPackage, readPackage } from "@plugboard/plugin-sdk/package";
import type { PublisherStatement } from "@plugboard/plugin-sdk/trust";
import { decodeJwt } from "jose";
import { readBlob } from "../blobs/index.ts";
import type { Finding } from "../scanning/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { PublicationRow } from "./queries.ts";

/** A package as it is stored, or what is wrong with it by the rules of today. */
export type StoredPackage =
  | { statement: PublisherStatement; content: PluginPackage }
  | { statement: PublisherStatement; content?: never; problems: Finding[] };

/** @throws when the stored bytes are not those that were taken in: then nothing can be said of the package */
export async function readStored(db: RegistryDatabase, row: PublicationRow): Promise<StoredPackage> {
  // Its signature was verified when it came in.
  const statement = decodeJwt<PublisherStatement>(row.statement_jws);
  const bytes = await buffer(readBlob(db, row.tarball_sha512));
  if (createHash("sha512").update(bytes).digest("hex") !== row.tarball_sha512) {
    throw new Error(`The stored tarball of ${row.plugin} ${row.version} is missing or damaged.`);
  }
  try {
    return { statement, content: await readPackage(bytes) };
  } catch (error) {
    if (!(error instanceof PackageError)) throw error;
    const { code, message, problems } = error;
    return { statement, problems: problems.length > 0 ? problems : [{ code, pointer: "", message }] };
  }
}
