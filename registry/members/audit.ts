import { newId } from "@plugboard/service-kit/crypto";
import type { AuditAction, RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** Something that was done for a publisher, and by whom: an account's id, or `operator`. */
export interface AuditEntry {
  id: string;
  actor: string;
  action: AuditAction;
  details: Record<string, unknown>;
  at: string;
}

/** Writes down what a transaction does, with it. */
export async function audit(
  transaction: RegistryDatabase,
  entry: { publisher: string; actor: string; action: AuditAction; details?: object; at: Date },
): Promise<void> {
  const { publisher, actor, action, details = {}, at } = entry;
  const text = JSON.stringify(details);
  await queries.insertAudit(transaction, { id: newId("adt"), publisher, actor, action, details: text, at });
}

/** Newest first. */
export async function listAudit(
  db: RegistryDatabase,
  publisher: string,
  page: { limit: number; before: string | undefined },
): Promise<AuditEntry[]> {
  return (await queries.listAudit(db, publisher, page)).map(({ at, ...entry }) => ({
    ...entry,
    at: at.toISOString(),
  }));
}
