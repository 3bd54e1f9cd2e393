import { join, resolve } from "node:path";

/** The paths of one embedded cluster, all from the data directory. */
export interface ClusterPaths {
  dataDir: string;
  /** PostgreSQL's own data directory (PGDATA). */
  clusterDir: string;
  postmasterPid: string;
  /** How the server was last started; PostgreSQL writes it and leaves it there. */
  postmasterOpts: string;
  /** Password of the role `plugboard`. In the cluster, so that the two are made, moved and lost together. */
  password: string;
  log: string;
  /** Locked by every host that works here: see `announcePresence`. */
  hostsLock: string;
}

export function clusterPaths(folder: string): ClusterPaths {
  const dataDir = resolve(folder);
  const clusterDir = join(dataDir, "postgres");
  return {
    dataDir,
    clusterDir,
    postmasterPid: join(clusterDir, "postmaster.pid"),
    postmasterOpts: join(clusterDir, "postmaster.opts"),
    password: join(clusterDir, "plugboard-password"),
    log: join(dataDir, "postgres.log"),
    hostsLock: join(dataDir, "hosts.lock"),
  };
}

export const superuser = "plugboard";
export const databaseName = "plugboard";
export const serverVersion = "18";
