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
import * as queries from "./queries.ts";

/**
 * Adds an entry at the end of the public log. Whoever adds holds the log until the transaction ends, so places have no
 * gaps, and what else the transaction changes is as it was said at this place.
 *
 * @param write what is said at that place; its text is kept and its digest is public
 * @returns the place and the text
 */
export async function appendToLog(
  transaction: RegistryDatabase,
  now: () => Date,
  type: LogEntryType,
  write: (place: { seq: number; at: string }) => Promise<string>,
): Promise<{ seq: number; body: string }> {
  const last = await lockLog(transaction);
  const seq = last.seq + 1;
  const at = now();
  const body = await write({ seq, at: at.toISOString() });
  const entry: LogEntry = { seq, type, bodyHash: sha256Hex(body), prev: last.head, at: at.toISOString() };
  const hash = entryHash(entry);
  await queries.insertEntry(transaction, {
    seq,
    type,
    body_hash: entry.bodyHash,
    prev: last.head,
    hash,
    at,
    body,
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

/** What was said at a place. @throws `log-entry-not-found` */
export async function readLogEntry(db: RegistryDatabase, seq: number): Promise<LogEntry & { body: string }> {
  const [entry] = await readLog(db, { after: seq - 1, limit: 1 });
  if (entry?.seq !== seq) {
    throw registryError("log-entry-not-found", `The log has no entry ${seq}.`);
  }
  return { ...entry, body: await queries.findBody(db, seq) };
}
