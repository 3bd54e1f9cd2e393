import { newId } from "@plugboard/service-kit/crypto";
import { registryError } from "../errors.ts";
import type { NoticeKind, RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/** Something that whoever runs the registry should look at and decide on; nothing else happens by itself. */
export interface Notice {
  id: string;
  kind: NoticeKind;
  plugin: string;
  version: string;
  message: string;
  details: Record<string, unknown>;
  createdAt: string;
  acknowledgedAt: string | null;
}

export async function addNotice(
  db: RegistryDatabase,
  notice: Pick<Notice, "kind" | "plugin" | "version" | "message" | "details"> & { at: Date },
): Promise<void> {
  const { at, details, ...facts } = notice;
  await queries.insertNotice(db, {
    id: newId("ntc"),
    ...facts,
    details: JSON.stringify(details),
    created_at: at,
    acknowledged_at: null,
  });
}

/** Newest first. */
export async function listNotices(
  db: RegistryDatabase,
  page: { open: boolean; limit: number; before: string | undefined },
): Promise<Notice[]> {
  return (await queries.listNotices(db, page)).map(toNotice);
}

/** Acknowledging twice is no error. @throws `notice-not-found` */
export async function acknowledgeNotice(db: RegistryDatabase, id: string, at: Date): Promise<Notice> {
  const row = await queries.acknowledge(db, id, at);
  if (!row) throw registryError("notice-not-found", `There is no notice "${id}".`);
  return toNotice(row);
}

function toNotice(row: queries.NoticeRow): Notice {
  return {
    id: row.id,
    kind: row.kind,
    plugin: row.plugin,
    version: row.version,
    message: row.message,
    details: row.details,
    createdAt: row.created_at.toISOString(),
    acknowledgedAt: row.acknowledged_at?.toISOString() ?? null,
  };
}
