import { readFile, stat } from "node:fs/promises";
import { DatabaseError } from "../errors.ts";
import type { ClusterPaths } from "./cluster-dir.ts";

/** The operating-system account the server runs under. */
export interface Account {
  uid: number;
  gid: number;
}

/** Taken in this order when root starts the server; PostgreSQL itself refuses to run as root. */
const unprivileged = ["postgres", "_postgres", "nobody"];

/**
 * The account to run the server under, or undefined to run it as ourselves. As root it is the owner
 * of the cluster if there is one already, or of the data directory, so that its owner can start it
 * too; where those are root's, an unprivileged account of the system.
 */
export async function accountFor(paths: ClusterPaths): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const folder of [paths.clusterDir, paths.dataDir]) {
    const owner = await ownerOf(folder);
    if (owner && owner.uid !== 0) return owner;
  }
  const accounts = await readAccounts();
  const name = unprivileged.find((candidate) => accounts.has(candidate));
  const account = name === undefined ? undefined : accounts.get(name);
  if (account) return account;
  throw new DatabaseError(
    "account-unusable",
    `PostgreSQL does not run as root, and this system has no account ${unprivileged.join(" or ")} to run it under. ` +
      "Create one (useradd --system postgres), start as an ordinary user, or set DATABASE_URL.",
  );
}

async function ownerOf(path: string): Promise<Account | undefined> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch {
    return undefined; // there is none yet
  }
}

async function readAccounts(): Promise<Map<string, Account>> {
  const lines = (await readFile("/etc/passwd", "utf8")).split("\n");
  const entries = lines.map((line) => line.split(":"));
  return new Map(
    entries.flatMap(([name, , uid, gid]): [string, Account][] =>
      // Unsigned, because macOS writes nobody's as -2.
      name && uid && gid ? [[name, { uid: Number(uid) >>> 0, gid: Number(gid) >>> 0 }]] : [],
    ),
  );
}
