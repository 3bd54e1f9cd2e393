import { type Insertable, type Kysely, sql } from "kysely";
import type { CoreDatabase, InstallUpdate, PolicyRefusal } from "../../../tables.ts";

type Db = Kysely<CoreDatabase>;

/** @returns undefined if another host has the round; else when installs were brought to a newer version last */
export async function takeRound(db: Db, token: string, forMs: number) {
  const lease = { token, expires_at: inMs(forMs) };
  return db
    .insertInto("update_rounds")
    .values(lease)
    .onConflict((conflict) =>
      conflict.column("is_only").doUpdateSet(lease).where("update_rounds.expires_at", "<=", sql<Date>`now()`),
    )
    .returning("upgraded_at")
    .executeTakeFirst();
}

/** @returns whether this host still had it */
export async function renewRound(db: Db, token: string, forMs: number): Promise<boolean> {
  const row = await db
    .updateTable("update_rounds")
    .set({ expires_at: inMs(forMs) })
    .where("token", "=", token)
    .returning("token")
    .executeTakeFirst();
  return row !== undefined;
}

/** @param upgradedAt when installs were brought to a newer version; undefined: none were */
export async function endRound(db: Db, token: string, upgradedAt: Date | undefined): Promise<void> {
  await db
    .updateTable("update_rounds")
    .set({ expires_at: sql<Date>`now()`, ...(upgradedAt && { upgraded_at: upgradedAt }) })
    .where("token", "=", token)
    .execute();
}

function toLookAt(db: Db, { seq, at }: { seq: number; at: Date }) {
  return db
    .selectFrom("installs")
    .leftJoin("install_updates", "install_updates.install_id", "installs.id")
    .where((eb) =>
      eb.or([
        eb("install_updates.install_id", "is", null),
        eb("install_updates.looked_seq", "<", seq),
        eb("install_updates.next_look_at", "<=", at),
      ]),
    );
}

/** Those with an install whose time it is, the one that has waited longest first. */
export async function listPluginsToLookAt(db: Db, when: { seq: number; at: Date }, most: number) {
  const rows = await toLookAt(db, when)
    .select("installs.plugin")
    .groupBy("installs.plugin")
    .orderBy(sql`min(install_updates.next_look_at)`, (order) => order.asc().nullsFirst())
    .limit(most)
    .execute();
  return rows.map((row) => row.plugin);
}

export async function listInstallsToLookAt(
  db: Db,
  plugin: string,
  when: { seq: number; at: Date },
  most: number,
) {
  return toLookAt(db, when)
    .select(["installs.id", "installs.tenant_id", "installs.channel", "install_updates.above"])
    .where("installs.plugin", "=", plugin)
    .orderBy("install_updates.next_look_at", (order) => order.asc().nullsFirst())
    .limit(most)
    .execute();
}

export type InstallToLookAt = Awaited<ReturnType<typeof listInstallsToLookAt>>[number];

/** As they are now, and until the transaction ends. In one order, so that nobody waits for each other. */
export async function holdInstalls(tx: Db, ids: string[]) {
  const installs = await tx
    .selectFrom("installs")
    .select(["id", "tenant_id", "plugin", "version", "channel", "policy_refusal"])
    .where("id", "in", ids)
    .orderBy("id")
    .forShare()
    .execute();
  const known = await tx
    .selectFrom("install_updates")
    .select(["install_id", "above", "update", "noticed"])
    .where("install_id", "in", ids)
    .execute();
  const byId = new Map(known.map((row) => [row.install_id, row]));
  return installs.map((install) => ({ ...install, known: byId.get(install.id) }));
}

export type HeldInstall = Awaited<ReturnType<typeof holdInstalls>>[number];

export async function setPolicyRefusal(tx: Db, id: string, refusal: PolicyRefusal | null): Promise<void> {
  await tx
    .updateTable("installs")
    .set({ policy_refusal: refusal && JSON.stringify(refusal) })
    .where("id", "=", id)
    .execute();
}

/** Has all of a tenant's installs looked at in the next round. */
export async function lookAtTenant(db: Db, tenantId: string): Promise<void> {
  await db.updateTable("install_updates").set({ looked_seq: -1 }).where("tenant_id", "=", tenantId).execute();
}

export type Looked = Required<
  Pick<
    Insertable<CoreDatabase["install_updates"]>,
    "install_id" | "tenant_id" | "looked_seq" | "next_look_at" | "automatic" | "update" | "noticed"
  >
>;

export async function putLooked(tx: Db, rows: Looked[]): Promise<void> {
  if (rows.length === 0) return;
  await tx
    .insertInto("install_updates")
    .values(rows)
    .onConflict((conflict) =>
      conflict.column("install_id").doUpdateSet((eb) => ({
        looked_seq: eb.ref("excluded.looked_seq"),
        next_look_at: eb.ref("excluded.next_look_at"),
        automatic: eb.ref("excluded.automatic"),
        update: eb.ref("excluded.update"),
        noticed: eb.ref("excluded.noticed"),
      })),
    )
    .execute();
}

/** Looked at without an answer: what is known stays. */
export async function putOff(
  db: Db,
  installs: Pick<InstallToLookAt, "id" | "tenant_id">[],
  { seq, nextLookAt }: { seq: number; nextLookAt: Date },
): Promise<void> {
  const when = { looked_seq: seq, next_look_at: nextLookAt };
  await db
    .insertInto("install_updates")
    .values(installs.map(({ id, tenant_id }) => ({ install_id: id, tenant_id, ...when })))
    .onConflict((conflict) => conflict.column("install_id").doUpdateSet(when))
    .execute();
}

/**
 * Active installs that may be brought to a newer version now. Their order is as good as random, and another one for each
 * version: a bad release meets a few first, and not always the same.
 */
export async function listAutomatic(db: Db, at: Date, most: number) {
  return db
    .selectFrom("install_updates")
    .innerJoin("installs", "installs.id", "install_updates.install_id")
    .select(["installs.id", "install_updates.automatic"])
    .where("install_updates.automatic", "is not", null)
    .where("installs.status", "=", "active")
    .where("installs.channel", "<>", "pinned")
    .where((eb) =>
      eb.or([eb("install_updates.retry_at", "is", null), eb("install_updates.retry_at", "<=", at)]),
    )
    .orderBy(sql`md5(install_updates.install_id || install_updates.automatic)`)
    .limit(most)
    .execute();
}

/** The version that it is to be brought to by now, if any, and how often that failed. */
export async function findAutomatic(db: Db, id: string) {
  return db
    .selectFrom("install_updates")
    .select(["automatic", "failures", "above"])
    .where("install_id", "=", id)
    .executeTakeFirst();
}

/** @param failed.above from now on only what is higher comes by itself; undefined: as it was */
export async function putFailure(
  db: Db,
  id: string,
  automatic: string,
  failed: { retryAt: Date; above: string | undefined },
): Promise<boolean> {
  const { retryAt, above } = failed;
  const row = await db
    .updateTable("install_updates")
    .set((eb) => ({
      failures: eb("failures", "+", 1),
      retry_at: retryAt,
      ...(above !== undefined && { above, automatic: null, looked_seq: -1 }),
    }))
    .where("install_id", "=", id)
    .where("automatic", "=", automatic)
    .returning("install_id")
    .executeTakeFirst();
  return row !== undefined;
}

/** What is known of newer versions than these installs have. */
export async function listUpdates(
  db: Db,
  tenantId: string,
  ids: string[],
): Promise<Map<string, InstallUpdate>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom("install_updates")
    .select(["install_id", "update"])
    .where("tenant_id", "=", tenantId)
    .where("install_id", "in", ids)
    .execute();
  return new Map(rows.flatMap(({ install_id, update }) => (update ? [[install_id, update] as const] : [])));
}

function inMs(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}
