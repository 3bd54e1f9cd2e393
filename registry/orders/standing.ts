import { randomBytes } from "node:crypto";
import { canonicalJson } from "@plugboard/plugin-sdk/trust";
import { refreshListing } from "../catalog/index.ts";
import { registryError } from "../errors.ts";
import { appendToLog } from "../log/index.ts";
import { updateRecord } from "../plugin-index/index.ts";
import { ownerOf } from "../private-plugins/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { Deprecation } from "../transparency/index.ts";
import * as queries from "./queries.ts";

export interface VersionName {
  plugin: string;
  version: string;
}

/** Takes a version out of ranges, or puts it back. @throws `version-not-found` */
export async function setYanked(
  transaction: RegistryDatabase,
  name: VersionName,
  at: Date | null,
): Promise<void> {
  await requireVersion(transaction, name);
  await queries.setYanked(transaction, name.plugin, name.version, at);
  await updateRecord(transaction, name.plugin);
  await refreshListing(transaction, name.plugin);
}

/** Says of one version, or of all there are, that they should be used no more. @throws `version-not-found` */
export async function setDeprecation(
  transaction: RegistryDatabase,
  { plugin, version }: { plugin: string; version?: string },
  deprecation: Deprecation | null,
): Promise<void> {
  const text = deprecation && JSON.stringify(deprecation);
  if ((await queries.setDeprecation(transaction, { plugin, version }, text)) === 0) {
    throw notFound({ plugin, version: version ?? "at all" });
  }
  await updateRecord(transaction, plugin);
}

/** Has hosts stop a version, or lets them run it again. @param reason null: it is not blocked any more. @throws `version-not-found` */
export async function setBlock(
  transaction: RegistryDatabase,
  now: () => Date,
  name: VersionName,
  reason: string | null,
): Promise<void> {
  await writeBlock(transaction, now, name, reason);
  await updateRecord(transaction, name.plugin);
  await refreshListing(transaction, name.plugin);
}

/** The same for many, whose plugins are brought up to date once each. */
export async function blockAll(
  transaction: RegistryDatabase,
  now: () => Date,
  names: VersionName[],
  reason: string,
): Promise<void> {
  for (const name of names) await writeBlock(transaction, now, name, reason);
  for (const plugin of new Set(names.map((name) => name.plugin))) {
    await updateRecord(transaction, plugin);
    await refreshListing(transaction, plugin);
  }
}

async function writeBlock(
  transaction: RegistryDatabase,
  now: () => Date,
  name: VersionName,
  reason: string | null,
): Promise<void> {
  const { plugin, version } = name;
  const owner = await ownerOf(transaction, plugin);
  const write = async ({ seq }: { seq: number }) => {
    const found = await requireVersion(transaction, name);
    if (reason === null && !found.block) throw notFound(name);
    const block = reason === null ? null : JSON.stringify({ reason, seq });
    await queries.setBlock(transaction, name, block);
    // Its digest is public, so nobody may be able to guess what a private plugin's is of.
    const salt = owner === null ? {} : { salt: randomBytes(32).toString("hex") };
    return canonicalJson({ plugin, version, seq, ...(reason !== null && { reason }), ...salt });
  };
  await appendToLog(transaction, now, reason === null ? "unblock" : "block", write, owner);
}

async function requireVersion(transaction: RegistryDatabase, name: VersionName) {
  const found = await queries.findVersion(transaction, name.plugin, name.version);
  if (!found) throw notFound(name);
  return found;
}

function notFound({ plugin, version }: VersionName) {
  return registryError("version-not-found", `${plugin} ${version} is not published here, or not blocked.`);
}
