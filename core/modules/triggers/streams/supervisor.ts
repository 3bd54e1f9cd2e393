import { setTimeout as sleep } from "node:timers/promises";
import type { Changes } from "../../../kernel/changes/index.ts";
import type { PluginSettings } from "../../../kernel/limits/index.ts";
import * as queries from "./queries.ts";
import { fitting, roomBeside } from "./room.ts";
import { type EndReason, openSession, type Session, type SessionKernel } from "./session.ts";

export interface SupervisorKernel extends Omit<SessionKernel, "leaseMs"> {
  changes: Changes;
  settings: Pick<PluginSettings, "limits" | "host">;
  /** Who is not heard of for so long has lost its streams to other hosts. Default: 30 s. */
  leaseMs?: number | undefined;
}

/** Streams wait no longer for a host that has room than this, should nobody tell it of them. */
const longestPauseMs = 10_000;
const mostAtATime = 50;

/** Listens on streams that are due and nobody's, keeps what it has, and gives it up when it should. */
export function startSupervisor(kernel: SupervisorKernel): { stop(): Promise<void> } {
  const { db, changes, settings, leaseMs = 30_000, logger } = kernel;
  const held = new Map<string, Session>();
  /** Whose credential is held against that of the connection just now. */
  const comparing = new Set<Session>();
  let isStopping = false;
  let running: Promise<void> | undefined;
  let isWanted = false;
  /** Of which connections and installs it is to be looked whether what was opened still stands. */
  let wanted: Set<string> | "all" = "all";
  let timer: NodeJS.Timeout | undefined;
  /** By this machine's clock, which only goes on: until then nobody else has them. */
  let keptUntil = performance.now() + leaseMs;
  let expiry: NodeJS.Timeout | undefined;

  const keyOf = ({ connection_id, trigger }: queries.StreamClaim) => `${connection_id}/${trigger}`;

  function begin(row: queries.StreamRow & queries.Circumstances): void {
    const session = openSession({ ...kernel, leaseMs }, row);
    held.set(keyOf(row), session);
    void session.ended.then((dueInMs) => {
      if (held.get(keyOf(row)) === session) held.delete(keyOf(row));
      if (dueInMs !== undefined) setTimeout(() => round(), dueInMs).unref();
    });
  }

  function owners(): queries.StreamOwner[] {
    return [...held.values()].map(({ row }) => ({
      tenantId: row.tenant_id,
      installId: row.install_id,
      plugin: row.plugin,
    }));
  }

  async function claim(): Promise<void> {
    const room = roomBeside(owners(), settings);
    const most = Math.min(room.most, mostAtATime);
    if (most <= 0) return;
    const due = await queries.findDueStreams(db, most, room);
    const rows = await queries.claimStreams(db, fitting(due, owners(), settings), leaseMs);
    for (const row of rows) begin(row);
    // Whoever has no room left by now stands before nobody any more.
    if (due.length === most && rows.length > 0) isWanted = true;
  }

  /** A timer of its own: a database that is out of reach need not even refuse. */
  function keepUntil(at: number): void {
    keptUntil = at;
    clearTimeout(expiry);
    expiry = setTimeout(() => endAll("given-up"), at - performance.now()).unref();
  }

  function endAll(reason: EndReason): Session[] {
    const sessions = [...held.values()];
    for (const session of sessions) session.end(reason);
    return sessions;
  }

  /** Keeps leases, and looks whether what was opened still stands. */
  async function keep(): Promise<void> {
    const askedAt = performance.now();
    const of = wanted;
    wanted = new Set();
    const isMeant = ({ row }: Session) => of === "all" || of.has(row.connection_id) || of.has(row.install_id);
    const sessions = [...held.values()].filter(isMeant);
    const asked = sessions.map((session) => ({ session, counts: session.takeCounts() }));
    const kept = new Map<string, queries.KeptStream>();
    try {
      const held = asked.map(({ session, counts }) => ({ ...session.row, ...counts }));
      for (const one of await queries.extendStreams(db, held, leaseMs)) kept.set(keyOf(one), one);
    } finally {
      for (const { session, counts } of asked)
        if (!kept.get(keyOf(session.row))?.is_extended) session.giveBackCounts(counts);
    }
    // Not before the database has said so: it may be out of reach from here alone.
    if (of === "all") keepUntil(askedAt + leaseMs);
    for (const session of sessions) {
      const now = kept.get(keyOf(session.row));
      const why = now === undefined ? "given-up" : reasonToEnd(session, now);
      if (why) session.end(why);
      else if (now && now.credential_version !== session.row.credential_version)
        compareCredential(session, now.credential_version);
    }
  }

  /** Beside the rounds: it may ask the vendor for a token, and no other stream waits for what that takes. */
  function compareCredential(session: Session, version: number): void {
    if (comparing.has(session)) return;
    comparing.add(session);
    void session
      .hasCurrentCredential()
      .catch(() => false)
      .then((isCurrent) => {
        comparing.delete(session);
        // What was opened with it goes on.
        if (isCurrent) session.noteCredential(version);
        else if (isCurrent === false) session.end("changed");
      });
  }

  /** @param id of a connection or install whose streams are looked at; those that are due are taken in every case */
  function round(id?: string): void {
    isWanted = true;
    if (id !== undefined && wanted !== "all") wanted.add(id);
    running ??= work().finally(() => {
      running = undefined;
      if (isWanted && !isStopping) round();
    });
  }

  function fullRound(): void {
    wanted = "all";
    round();
  }

  async function work(): Promise<void> {
    clearTimeout(timer);
    let pauseMs = longestPauseMs;
    let hasFailed = false;
    while (isWanted && !isStopping) {
      isWanted = false;
      hasFailed = false;
      try {
        await keep();
        await claim();
        const room = roomBeside(owners(), settings);
        const dueMs = room.most > 0 ? await queries.nextDueInMs(db, room) : undefined;
        pauseMs = Math.max(dueMs ?? longestPauseMs, shortestPauseMs);
      } catch (err) {
        logger.error({ err }, "streams could not be looked after; it is tried again");
        hasFailed = true;
        wanted = "all";
      }
    }
    if (isStopping) return;
    if (hasFailed) {
      timer = setTimeout(fullRound, afterFailureMs).unref();
      return;
    }
    const keepInMs = keptUntil - (2 / 3) * leaseMs - performance.now();
    timer = setTimeout(
      keepInMs > pauseMs ? () => round() : fullRound,
      Math.max(0, Math.min(pauseMs, keepInMs, longestPauseMs)),
    ).unref();
  }

  for (const topic of ["stream", "connection", "install"] as const)
    changes.onChange(topic, (id) => round(id));
  round();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await running;
      clearTimeout(expiry);
      const sessions = endAll("stopping");
      await Promise.race([
        Promise.all(sessions.map(({ ended }) => ended)),
        sleep(stopMs, undefined, { ref: false }),
      ]);
      if (sessions.length > 0) await changes.transaction(db, (_, announce) => announce("stream", "given-up"));
    },
  };
}

const shortestPauseMs = 100;
const afterFailureMs = 1_000;
/** What vendors and plugins may take when the host stops. */
const stopMs = 5_000;

function reasonToEnd({ row }: Session, now: queries.Circumstances): EndReason | undefined {
  if (now.revision !== row.revision || !now.is_enabled) return "given-up";
  const isOn = now.connection_status === "active" && now.install_status === "active";
  const isSame = now.tarball_sha512 === row.tarball_sha512 && now.config_digest === row.config_digest;
  if (!isOn) return "switched-off";
  return isSame ? undefined : "changed";
}
