import type { RegistryDatabase } from "../tables.ts";
import * as queries from "./queries.ts";

/**
 * Counts a new install, in its transaction. A tenant that installs and uninstalls again and again is one tenant: it counts
 * among all that ever had it once.
 */
export async function countInstall(
  transaction: RegistryDatabase,
  install: { id: string; plugin: string; tenantId: string; at: Date },
): Promise<void> {
  const { id, plugin, tenantId, at } = install;
  const isFirst = !(await queries.hadInstall(transaction, { plugin, tenantId, besides: id }));
  await queries.addInstall(transaction, { plugin, day: dayOf(at), at, isFirst });
}

/** Counts the end of an install, in its transaction. */
export async function countUninstall(
  transaction: RegistryDatabase,
  ended: { plugin: string; at: Date },
): Promise<void> {
  await queries.removeInstall(transaction, ended.plugin, ended.at);
}

/**
 * Counts a download once for each downloader, plugin and day (UTC).
 *
 * @param download.downloader names whom it was handed to: never a token, which would be written down here
 */
export async function countDownload(
  db: RegistryDatabase,
  download: { plugin: string; downloader: string; at: Date },
): Promise<void> {
  const { plugin, downloader, at } = download;
  await queries.addDownload(db, { plugin, day: dayOf(at), at, downloader });
}

const shownDays = 30;
const dayMs = 24 * 60 * 60 * 1000;

export interface Days {
  installs: number;
  downloads: number;
  /** Those of the last thirty (UTC) on which something was counted. */
  days: queries.CountedDay[];
}

/** The first of the last thirty days, today among them. */
export function firstDay(now: Date): string {
  return dayOf(new Date(now.getTime() - (shownDays - 1) * dayMs));
}

export function sumOf(days: Days["days"]): Days {
  const sum = (name: "installs" | "downloads") => days.reduce((total, day) => total + day[name], 0);
  return { installs: sum("installs"), downloads: sum("downloads"), days };
}

/** The date in UTC, as `YYYY-MM-DD`. */
export function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
