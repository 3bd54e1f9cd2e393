import type { RegistryClient } from "@plugboard/registry/client";
import type { Jobs } from "@plugboard/service-kit/jobs";
import type { Kysely } from "kysely";
import pLimit from "p-limit";
import { coreError } from "../../errors.ts";
import type { CoreDatabase } from "../../tables.ts";
import type { Changes } from "../changes/index.ts";
import type { Revocations } from "../connections/index.ts";
import type { Installs } from "../plugins/index.ts";
import * as queries from "./queries.ts";

/** Erases tenants, with all that they entrusted to the host. */
export interface Erasure {
  /** Nobody enters any more from now on; the rest goes on in the background. @throws `tenant-not-found` */
  begin(tenantId: string): Promise<void>;
}

interface ErasureJob {
  tenantId: string;
}

export interface ErasureQueue {
  /** @returns whether there was none yet of this tenant */
  send(job: ErasureJob, tx?: Kysely<CoreDatabase>): Promise<boolean>;
  connect(work: (tenantId: string) => Promise<void>): void;
}

/** To be made before the jobs are started. */
export function defineErasureQueue({ jobs }: { jobs: Jobs }): ErasureQueue {
  const connected = Promise.withResolvers<(tenantId: string) => Promise<void>>();
  // Not `core.tenant-erasure`, as it was called once: pg-boss keeps the policy that a queue was made with, and that one let
  // one tenant have many jobs. What waits there is begun anew by `goOnErasing`.
  const queue = jobs.define<ErasureJob>("core.erasures", {
    // It is a promise to somebody: until the registry answers it is tried, for about two days.
    retryLimit: 200,
    retryDelaySeconds: 5,
    retryDelayMaxSeconds: 900,
    // One of each tenant.
    policy: "exclusive",
    async handler({ data }) {
      await (await connected.promise)(data.tenantId);
    },
  });
  return {
    async send(job, transaction) {
      const singletonKey = job.tenantId;
      const id = await jobs.send(queue, job, {
        singletonKey,
        ...(transaction && { transaction: transaction as never }),
      });
      return id !== null;
    },
    connect: connected.resolve,
  };
}

/**
 * Goes on with tenants whose erasure has begun and that nobody is at: their job failed too often, or was lost.
 * @returns how many
 */
export async function goOnErasing(db: Kysely<CoreDatabase>, queue: ErasureQueue): Promise<number> {
  let sent = 0;
  for (const tenantId of await queries.listErasing(db)) if (await queue.send({ tenantId })) sent++;
  return sent;
}

/** Vendors are told within this time, or never. */
const revocationsMs = 60_000;
const revocationsAtATime = 8;
const eventBatch = 1_000;

export function createErasure(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  queue: ErasureQueue;
  installs: Pick<Installs, "remove">;
  registry: Pick<RegistryClient, "listInstalls" | "removeInstall">;
  revocations: Pick<Revocations, "now">;
}): Erasure {
  const { db, changes, queue, installs, registry, revocations } = options;
  queue.connect(erase);

  /** Each step can be cut off and done again. What opens the secrets goes before anything that others have a say in. */
  async function erase(tenantId: string): Promise<void> {
    await tellVendors(tenantId);
    await changes.transaction(db, async (tx, announce) => {
      for (const id of await queries.shred(tx, tenantId)) {
        await announce("connection", id);
        await announce("connection-gone", id);
      }
      await announce("data-key", tenantId);
    });
    await removeInstalls(tenantId);
    while ((await queries.deleteEvents(db, tenantId, eventBatch)) > 0);
    await db.transaction().execute((tx) => queries.deleteTenant(tx, tenantId));
  }

  async function tellVendors(tenantId: string): Promise<void> {
    const limit = pLimit(revocationsAtATime);
    const rows = await queries.listConnections(db, tenantId);
    const telling = Promise.all(rows.map((row) => limit(() => revocations.now(row))));
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(() => {
        limit.clearQueue();
        resolve();
      }, revocationsMs);
    });
    await Promise.race([telling, tooLong]);
    clearTimeout(timer);
  }

  /** The registry keeps that there were installs, under an id that says nothing. */
  async function removeInstalls(tenantId: string): Promise<void> {
    for (const id of await queries.listInstallIds(db, tenantId)) {
      await installs.remove(tenantId, id, { isForced: true }).catch((error: unknown) => {
        if (!isCode(error, "install-not-found")) throw error;
      });
    }
    // What was begun before the erasure may still tell the registry of an install: tried again when it has ended.
    if (await queries.isChanging(db, tenantId)) throw new Error("a plugin of the tenant is being changed");
    // Those that this host has no row of, left by a change that was cut off.
    for (const { id } of await registry.listInstalls(tenantId, { status: "active" }))
      await registry.removeInstall(tenantId, id);
  }

  return {
    async begin(tenantId) {
      const isThere = await changes.transaction(db, async (tx, announce) => {
        if (!(await queries.markErasing(tx, tenantId))) return false;
        for (const id of await queries.deleteApiKeys(tx, tenantId)) await announce("api-key", id);
        for (const id of await queries.switchOffConnections(tx, tenantId)) await announce("connection", id);
        await queue.send({ tenantId }, tx);
        return true;
      });
      if (!isThere) {
        throw coreError(
          "tenant-not-found",
          `There is no tenant "${tenantId}". GET /api/v1/tenants lists them.`,
        );
      }
    },
  };
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}
