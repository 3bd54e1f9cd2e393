import { DatabaseSync } from "node:sqlite";
import { setTimeout } from "node:timers/promises";

const sqliteBusy = 5;
const retryMs = 100;

/** Runs `work` while no other process does under the same file; the kernel frees it when its holder dies. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  const database = new DatabaseSync(file);
  try {
    while (!isTaken(database)) await setTimeout(retryMs);
    return await work();
  } finally {
    database.close();
  }
}

function isTaken(database: DatabaseSync): boolean {
  try {
    database.exec("BEGIN EXCLUSIVE");
    return true;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === sqliteBusy) return false;
    throw error;
  }
}
