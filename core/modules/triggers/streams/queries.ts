import { type Kysely, type Selectable, sql } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { TriggerPlace } from "../queries.ts";
import type { Room } from "./room.ts";

type Db = Kysely<CoreDatabase>;
export type StreamRow = Selectable<CoreDatabase["streams"]>;

/** A stream that a host has taken, in this epoch. */
export type StreamClaim = Pick<StreamRow, "tenant_id" | "connection_id" | "trigger" | "epoch">;

/** Whose a stream is, as it is counted. */
export interface StreamOwner {
  tenantId: string;
  installId: string;
  plugin: string;
}

export type DueStream = StreamOwner & TriggerPlace;

/** What a socket was opened under: where one of these is another, another socket is needed, or none. */
export interface Circumstances {
  install_id: string;
  plugin: string;
  revision: number;
  is_enabled: boolean;
  connection_status: string;
  config_digest: string;
  credential_version: number;
  install_status: string;
  tarball_sha512: string;
}

const streams = sql.id("core", "streams");
const connections = sql.id("core", "connections");
const installs = sql.id("core", "installs");

const circumstances = sql`
  stream.revision, stream.is_enabled, connection.status as connection_status,
  connection.install_id, install.plugin, md5(connection.config::text) as config_digest, connection.credential_version,
  install.status as install_status, install.tarball_sha512`;

export async function listStreams(db: Db, tenantId: string, connectionId: string): Promise<ShownStream[]> {
  return db
    .selectFrom("streams")
    .selectAll()
    .select(sql<boolean>`lease_until > now()`.as("is_held"))
    .where("tenant_id", "=", tenantId)
    .where("connection_id", "=", connectionId)
    .execute();
}

/** With whether a host has it just now. */
export type ShownStream = StreamRow & { is_held: boolean | null };

/**
 * Writes what a tenant wants. A socket that is open is opened anew, at once. Other settings, or `isAnew`, begin anew: what
 * the plugin went on with is forgotten.
 */
export async function writeStream(
  tx: Db,
  { connectionId: connection_id, trigger }: TriggerPlace,
  wish: { tenantId: string; isEnabled: boolean; config: object; isAnew: boolean },
): Promise<void> {
  const config = JSON.stringify(wish.config);
  const wanted = { is_enabled: wish.isEnabled, config, failures: 0, last_error: null };
  await tx
    .insertInto("streams")
    .values({ connection_id, trigger, tenant_id: wish.tenantId, ...wanted, state: "null" })
    .onConflict((conflict) =>
      conflict
        .columns(["connection_id", "trigger"])
        .doUpdateSet({
          ...wanted,
          state: sql<string>`case when ${wish.isAnew} or streams.config <> excluded.config then 'null' else streams.state end`,
          due_at: sql<Date>`now()`,
          revision: sql<number>`streams.revision + 1`,
          updated_at: sql<Date>`now()`,
        })
        .where("streams.tenant_id", "=", wish.tenantId),
    )
    .execute();
}

/** Nobody's, and of a connection that can be used: what is switched off stays due, and is taken when that is on again. */
const isFree = sql`
  stream.is_enabled and (stream.lease_until is null or stream.lease_until <= now())
  and connection.id = stream.connection_id and connection.status = 'active'
  and install.id = connection.install_id and install.status = 'active'`;

/** Of those there is room for one more. */
function hasRoom({ ofTenants, perTenant, fullPlugins, fullInstalls }: Room) {
  const fullTenants = [...ofTenants].filter(([, room]) => room <= 0).map(([tenantId]) => tenantId);
  return sql`
    ${perTenant} > 0
    and stream.tenant_id <> all(${fullTenants}::text[]) and install.plugin <> all(${fullPlugins}::text[])
    and install.id <> all(${fullInstalls}::text[])`;
}

/** Streams that are due and nobody's, of each tenant one, then of each the second, …, so many at most. */
export async function findDueStreams(db: Db, most: number, room: Room): Promise<DueStream[]> {
  const { rows } = await sql<DueStream>`
    select connection_id as "connectionId", trigger, tenant_id as "tenantId", install_id as "installId", plugin from (
      select stream.connection_id, stream.trigger, stream.tenant_id, connection.install_id, install.plugin, stream.due_at,
        row_number() over (partition by stream.tenant_id order by stream.due_at) as turn
      from ${streams} stream, ${connections} connection, ${installs} install
      where stream.due_at <= now() and ${isFree} and ${hasRoom(room)}
    ) fair left join unnest(${[...room.ofTenants.keys()]}::text[], ${[...room.ofTenants.values()]}::integer[])
      as left_to (tenant_id, streams) using (tenant_id)
    where turn <= coalesce(left_to.streams, ${room.perTenant}) order by turn, due_at limit ${most}`.execute(
    db,
  );
  return rows;
}

/** @returns those of them that nobody else has taken meanwhile, with what they are to be opened under */
export async function claimStreams(
  db: Db,
  due: readonly DueStream[],
  leaseMs: number,
): Promise<(StreamRow & Circumstances)[]> {
  if (due.length === 0) return [];
  const { rows } = await sql<StreamRow & Circumstances>`
    with due as (
      select * from unnest(
        ${due.map(({ tenantId }) => tenantId)}::text[], ${due.map(({ connectionId }) => connectionId)}::text[],
        ${due.map(({ trigger }) => trigger)}::text[]
      ) as due (tenant_id, connection_id, trigger)
    ), free as (
      select stream.connection_id, stream.trigger
      from due join ${streams} stream using (tenant_id, connection_id, trigger)
      for update of stream skip locked
    )
    update ${streams} stream
    set lease_until = ${inMs(leaseMs)}, epoch = epoch + 1, phase = 'connecting', phase_since = now()
    from free, ${connections} connection, ${installs} install
    where stream.connection_id = free.connection_id and stream.trigger = free.trigger
      and stream.due_at <= now() and ${isFree}
    returning stream.*, ${circumstances}`.execute(db);
  return rows;
}

/** @returns in how many ms one is due that can be taken; undefined if there is none */
export async function nextDueInMs(db: Db, room: Room): Promise<number | undefined> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(stream.due_at) - now()) * 1000)::float8 as ms
    from ${streams} stream, ${connections} connection, ${installs} install
    where ${isFree} and ${hasRoom(room)}`.execute(db);
  return rows[0]?.ms ?? undefined;
}

export interface StreamCounts {
  received: number;
  sent: number;
  lastMessageAt: number | undefined;
}

/** One that this host still has; whether its lease goes on from now, and what was counted is written down. */
export type KeptStream = StreamClaim & Circumstances & { is_extended: boolean };

/**
 * Keeps what this host has, and writes down how it is doing. Whose row somebody holds, as who stores to it does, is left
 * as it is and written another time: nobody's lease waits for another's.
 * @returns those that it still has
 */
export async function extendStreams(
  db: Db,
  held: readonly (StreamClaim & StreamCounts)[],
  leaseMs: number,
): Promise<KeptStream[]> {
  if (held.length === 0) return [];
  const column = <T>(of: (one: StreamClaim & StreamCounts) => T) => held.map(of);
  const lastMessages = column(({ lastMessageAt }) =>
    lastMessageAt === undefined ? null : new Date(lastMessageAt),
  );
  const isHeld = sql`
    stream.connection_id = held.connection_id and stream.trigger = held.trigger and stream.epoch = held.epoch
    and stream.lease_until > now()`;
  const { rows } = await sql<KeptStream>`
    with held as (
      select * from unnest(
        ${column((one) => one.connection_id)}::text[], ${column((one) => one.trigger)}::text[],
        ${column((one) => one.epoch)}::bigint[], ${column((one) => one.received)}::bigint[],
        ${column((one) => one.sent)}::bigint[], ${lastMessages}::timestamptz[]
      ) as held (connection_id, trigger, epoch, received, sent, last_message_at)
    ), free as (
      select held.* from held, ${streams} stream where ${isHeld} for update of stream skip locked
    ), extended as (
      update ${streams} stream
      set lease_until = ${inMs(leaseMs)}, received_count = received_count + free.received,
        sent_count = sent_count + free.sent,
        last_message_at = coalesce(free.last_message_at, stream.last_message_at)
      from free where stream.connection_id = free.connection_id and stream.trigger = free.trigger
      returning stream.connection_id, stream.trigger
    )
    select stream.tenant_id, stream.connection_id, stream.trigger, stream.epoch, ${circumstances},
      exists (
        select from extended
        where extended.connection_id = stream.connection_id and extended.trigger = stream.trigger
      ) as is_extended
    from held, ${streams} stream, ${connections} connection, ${installs} install
    where ${isHeld} and connection.id = stream.connection_id and install.id = connection.install_id`.execute(
    db,
  );
  return rows;
}

/** The socket is open. */
export async function noteOpen(db: Db, claim: StreamClaim): Promise<void> {
  await ofClaim(db, claim).set({ phase: "open", phase_since: sql<Date>`now()` }).execute();
}

/** Holds the row until the transaction ends. @returns whether it is still this host's, and as a person wanted it then */
export async function holdStream(tx: Db, row: StreamClaim & Pick<StreamRow, "revision">): Promise<boolean> {
  const held = await tx
    .selectFrom("streams")
    .select("epoch")
    .where("tenant_id", "=", row.tenant_id)
    .where("connection_id", "=", row.connection_id)
    .where("trigger", "=", row.trigger)
    .where("epoch", "=", row.epoch)
    .where("revision", "=", row.revision)
    .where("lease_until", ">", sql<Date>`now()`)
    .forUpdate()
    .executeTakeFirst();
  return held !== undefined;
}

/** What messages came to. Whoever held the row for it was left out meanwhile where leases are kept: it is kept here. */
export async function storeProgress(
  tx: Db,
  claim: StreamClaim,
  { state, told, leaseMs }: { state: string | undefined; told: number; leaseMs: number },
): Promise<void> {
  await ofClaim(tx, claim)
    .set({
      ...(state !== undefined && { state }),
      told_count: sql<number>`told_count + ${told}`,
      lease_until: sql<Date>`clock_timestamp() + make_interval(secs => ${leaseMs / 1000})`,
    })
    .execute();
}

export interface StreamEnd extends StreamCounts {
  failures: number;
  error: { code: string; detail: string } | null;
  close: { code: number; reason: string } | null;
  /** When another socket may be opened; undefined: when a person last wanted it. */
  dueInMs: number | undefined;
}

/** Gives up what this host has. */
export async function releaseStream(db: Db, claim: StreamClaim, end: StreamEnd): Promise<void> {
  await ofClaim(db, claim)
    .set({
      lease_until: null,
      phase: "waiting",
      phase_since: sql<Date>`now()`,
      ...(end.dueInMs !== undefined && {
        due_at: inMs(end.dueInMs),
        failures: end.failures,
        last_error: end.error && JSON.stringify(end.error),
        last_close: end.close && JSON.stringify(end.close),
      }),
      received_count: sql<number>`received_count + ${end.received}`,
      sent_count: sql<number>`sent_count + ${end.sent}`,
      ...(end.lastMessageAt !== undefined && { last_message_at: new Date(end.lastMessageAt) }),
    })
    .execute();
}

function ofClaim(db: Db, { tenant_id, connection_id, trigger, epoch }: StreamClaim) {
  return db
    .updateTable("streams")
    .where("tenant_id", "=", tenant_id)
    .where("connection_id", "=", connection_id)
    .where("trigger", "=", trigger)
    .where("epoch", "=", epoch);
}

function inMs(ms: number) {
  return sql<Date>`now() + make_interval(secs => ${ms / 1000})`;
}
