import { sha256Hex } from "@plugboard/plugin-sdk/trust";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import {
  entryHash,
  type LogEntry,
  type LogEntryType,
  type LogPlace,
  logStart,
} from "../transparency/index.ts";
import { maySee, type Viewer } from "../visibility.ts";
import * as queries from "./queries.ts";

/**
 * Adds an entry at the end of the public log. Whoever adds holds the log until the transaction ends, so places have no
 * gaps, and what else the transaction changes is as it was said at this place.
 *
 * @param write what is said at that place; its text is kept and its digest is public
 * @param tenantId who alone may read it, if it is about a private plugin: to all others it is an entry of type `private`.
 *   Nobody must be able to guess the text, since its digest is shown
 * @returns the place and the text
 */
export async function appendToLog(
  transaction: RegistryDatabase,
  now: () => Date,
  type: LogEntryType,
  write: (place: { seq: number; at: string }) => Promise<string>,
  tenantId: string | null = null,
): Promise<{ seq: number; body: string }> {
  const last = await lockLog(transaction);
  const seq = last.seq + 1;
  const at = now();
  const body = await write({ seq, at: at.toISOString() });
  const shown = tenantId === null ? type : "private";
  const entry: LogEntry = {
    seq,
    type: shown,
    bodyHash: sha256Hex(body),
    prev: last.head,
    at: at.toISOString(),
  };
  const hash = entryHash(entry);
  await queries.insertEntry(transaction, {
    seq,
    type: shown,
    body_hash: entry.bodyHash,
    prev: last.head,
    hash,
    at,
    body,
    tenant_id: tenantId,
  });
  return { seq, body };
}

/** Keeps others from adding until the transaction ends. @returns the end of the log */
export async function lockLog(transaction: RegistryDatabase): Promise<LogPlace> {
  await queries.lockLog(transaction);
  return logEnd(transaction);
}

export async function logEnd(db: RegistryDatabase): Promise<LogPlace> {
  const last = await queries.findLast(db);
  return last ? { seq: last.seq, head: last.hash } : logStart;
}

/** Whether exactly this was said before. */
export async function isLogged(db: RegistryDatabase, body: string): Promise<boolean> {
  return queries.hasBody(db, sha256Hex(body));
}

/** The entries after a place, oldest first. */
export async function readLog(
  db: RegistryDatabase,
  page: { after: number; limit: number },
): Promise<LogEntry[]> {
  return (await queries.listEntries(db, page)).map(({ body_hash, at, ...entry }) => ({
    ...entry,
    bodyHash: body_hash,
    at: at.toISOString(),
  }));
}

/** What was said at a place; null where it is not for the viewer. @throws `log-entry-not-found` */
export async function readLogEntry(
  db: RegistryDatabase,
  viewer: Viewer,
  seq: number,
): Promise<LogEntry & { body: string | null }> {
  const [entry] = await readLog(db, { after: seq - 1, limit: 1 });
  if (entry?.seq !== seq) {
    throw registryError("log-entry-not-found", `The log has no entry ${seq}.`);
  }
  const { body, tenant_id } = await queries.findBody(db, seq);
  return { ...entry, body: maySee(viewer, tenant_id) ? body : null };
}
