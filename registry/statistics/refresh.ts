import type { Jobs } from "@plugboard/service-kit/jobs";
import type { RegistryDatabase } from "../tables.ts";
import { dayOf } from "./counts.ts";
import * as queries from "./queries.ts";

/** So many tenants at least have both plugins, or nobody is told. */
const fewestTenants = 5;
const mostInstalls = 200;
const mostOthers = 20;
const dayMs = 24 * 60 * 60 * 1000;

/** Works out once an hour what is too much to work out for each page; of several processes, one does it. */
export function createStatisticsRefresh({
  db,
  jobs,
  now,
}: {
  db: RegistryDatabase;
  jobs: Pick<Jobs, "define" | "schedule">;
  now: () => Date;
}) {
  const queue = jobs.define<Record<string, never>>("registry.statistics", {
    deadLetter: false,
    handler: refresh,
  });

  async function refresh(): Promise<void> {
    await queries.replaceCoInstalls(db, { fewestTenants, mostInstalls, mostOthers });
    await queries.forgetMarks(db, dayOf(new Date(now().getTime() - dayMs)));
  }

  return {
    refresh,
    /** After the jobs have started. */
    async start() {
      await jobs.schedule(queue, "41 * * * *", {});
    },
  };
}

/**
 * The plugins that tenants have beside this one, most first. The number of tenants is rounded down to a multiple of five: one
 * that installs or uninstalls is not to be seen in it.
 */
export async function installedBeside(
  db: RegistryDatabase,
  plugin: string,
): Promise<{ plugin: string; tenants: number }[]> {
  const rows = await queries.listCoInstalls(db, plugin);
  return rows.map(({ other_id, tenants }) => ({
    plugin: other_id,
    tenants: tenants - (tenants % fewestTenants),
  }));
}
