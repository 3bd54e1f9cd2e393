import { setTimeout as sleep } from "node:timers/promises";
import type { Changes } from "../../../kernel/changes/index.ts";
import { notItsFault } from "../failure.ts";
import * as queries from "./queries.ts";
import { openSession, type Session, type SessionKernel } from "./session.ts";

export interface SupervisorKernel extends SessionKernel {
  changes: Changes;
  /** Streams that this host listens on at a time, at most. */
  mostStreams: number;
  /** Who is not heard of for so long has lost its streams to other hosts. Default: 30 s. */
  leaseMs?: number | undefined;
}

/** Streams wait no longer for a host that has room than this, should nobody tell it of them. */
const longestPauseMs = 10_000;
const mostAtATime = 50;

/** Listens on streams that are due and nobody's, keeps what it has, and gives it up when it should. */
export function startSupervisor(kernel: SupervisorKernel): { stop(): Promise<void> } {
  const { db, changes, mostStreams, leaseMs = 30_000, logger } = kernel;
  const held = new Map<string, Session>();
  let isStopping = false;
  let running: Promise<void> | undefined;
  let isWanted = false;
  let timer: NodeJS.Timeout | undefined;
  /** By this machine's clock, which only goes on: until then nobody else has them. */
  let keptUntil = performance.now() + leaseMs;

  const keyOf = ({ connection_id, trigger }: queries.StreamClaim) => `${connection_id}/${trigger}`;

  function begin(row: queries.StreamRow & queries.Circumstances): void {
    const session = openSession(kernel, row);
    held.set(keyOf(row), session);
    void session.ended.then((dueInMs) => {
      if (held.get(keyOf(row)) === session) held.delete(keyOf(row));
      if (dueInMs !== undefined) setTimeout(round, dueInMs).unref();
    });
  }

  async function claim(): Promise<void> {
    const most = Math.min(mostStreams - held.size, mostAtATime);
    if (most <= 0) return;
    const rows = await queries.claimDueStreams(db, { leaseMs, most });
    for (const row of rows) begin(row);
    if (rows.length === most) isWanted = true;
  }

  /** Keeps the leases, and looks whether what was opened still stands. */
  async function keep(): Promise<void> {
    const askedAt = performance.now();
    const sessions = [...held.values()];
    const asked = sessions.map(({ row, takeCounts }) => ({ ...row, ...takeCounts() }));
    const kept = new Map((await queries.extendStreams(db, asked, leaseMs)).map((one) => [keyOf(one), one]));
    keptUntil = askedAt + leaseMs;
    await Promise.all(
      sessions.map(async (session) => {
        const now = kept.get(keyOf(session.row));
        const why = now === undefined ? "given-up" : await reasonToEnd(session, now);
        if (why) session.end(why);
      }),
    );
  }

  function round(): void {
    isWanted = true;
    running ??= work().finally(() => {
      running = undefined;
    });
  }

  async function work(): Promise<void> {
    clearTimeout(timer);
    let pauseMs = leaseMs / 3;
    while (isWanted && !isStopping) {
      isWanted = false;
      try {
        await keep();
        await claim();
        const dueMs = (await queries.nextDueInMs(db)) ?? longestPauseMs;
        pauseMs = Math.min(leaseMs / 3, longestPauseMs, Math.max(dueMs, shortestPauseMs));
      } catch (err) {
        logger.error({ err }, "streams could not be looked after; it is tried again");
        pauseMs = 1_000;
        // Somebody else may have them by now.
        if (performance.now() > keptUntil) for (const session of held.values()) session.end("given-up");
      }
    }
    if (!isStopping) timer = setTimeout(round, pauseMs).unref();
  }

  function wake(of: Parameters<typeof queries.wakeStreams>[1]): void {
    queries.wakeStreams(db, of, notItsFault).then(round, (err) => {
      logger.warn({ err }, "streams that wait for a connection could not be woken; they look again later");
    });
  }

  changes.onChange("stream", round);
  changes.onChange("connection", (connectionId) => wake({ connectionId }));
  changes.onChange("install", (installId) => wake({ installId }));
  round();

  return {
    async stop() {
      isStopping = true;
      clearTimeout(timer);
      await running;
      const sessions = [...held.values()];
      for (const session of sessions) session.end("stopping");
      await Promise.race([
        Promise.all(sessions.map(({ ended }) => ended)),
        sleep(stopMs, undefined, { ref: false }),
      ]);
      if (sessions.length > 0) await changes.transaction(db, (_, announce) => announce("stream", "given-up"));
    },
  };
}

const shortestPauseMs = 100;
/** What vendors and plugins may take when the host stops. */
const stopMs = 5_000;

async function reasonToEnd({ row, hasCurrentCredential }: Session, now: queries.Circumstances) {
  if (now.revision !== row.revision || !now.is_enabled) return "given-up";
  const isOn = now.connection_status === "active" && now.install_status === "active";
  const isSame = now.tarball_sha512 === row.tarball_sha512 && now.config_digest === row.config_digest;
  if (!isOn || !isSame) return "changed";
  if (now.credential_version === row.credential_version) return undefined;
  // It was renewed: what is open goes on, unless it is another account's.
  return (await hasCurrentCredential().catch(() => false)) ? undefined : "changed";
}
