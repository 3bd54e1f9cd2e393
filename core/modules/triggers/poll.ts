import type { Json } from "@plugboard/sandbox";
import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import type { Events } from "../../kernel/events/index.ts";
import type { PluginSettings } from "../../kernel/limits/index.ts";
import type { Install, Installs, PluginRunner } from "../../kernel/plugins/index.ts";
import type { CoreDatabase } from "../../tables.ts";
import { afterFailureMs, afterSuccessMs, longestHoldMs } from "./backoff.ts";
import { eventTypeOf } from "./event-type.ts";
import { codeOf, detailOf, notItsFault, retryAfterOf } from "./failure.ts";
import { eventData, keyDigest, type PolledItem } from "./item-data.ts";
import type { SendPoll } from "./poll-jobs.ts";
import * as queries from "./queries.ts";

export interface PollKernel {
  db: Kysely<CoreDatabase>;
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get">;
  runner: Pick<PluginRunner, "runTrigger">;
  events: Pick<Events, "publish">;
  settings: Pick<PluginSettings, "host" | "limits" | "sandboxLimits">;
  sendPoll: SendPoll;
}

export interface Poll {
  items: PolledItem[];
  cursor: string | null;
  hasMore: boolean;
}

/** Beyond the call's own deadline: to store what it found, behind others that write. */
const storeMs = 60_000;
/** A plugin that always has more gets its turns all the same, and the others theirs. */
const moreMs = 1_000;
/** A first run ends after so many pages: what comes then is told. A plugin that always has more would never tell anything. */
const mostFirstPages = 100;
/** When the tenant's events of this minute are used up. */
const quotaMs = 60_000;
/** While the connection or the install is switched off, at most so often. */
const switchedOffSeconds = 300;

/**
 * Polls a trigger that is due, and stores cursor, keys and events in one transaction: what was found is told once, wherever
 * a host ends. The next poll is asked for in the same transaction.
 */
export function createPoll(kernel: PollKernel) {
  const { db, connections, installs, runner, settings } = kernel;

  /** How long the call may take: the plugin's own time, or none where it is not there to be called. */
  async function deadlineMs(place: queries.TriggerPlace): Promise<number> {
    const plugin = await queries.findPlugin(db, place);
    return plugin === undefined ? 0 : settings.sandboxLimits(plugin).deadlineMs;
  }

  return async function poll(place: queries.TriggerPlace, signal: AbortSignal, log: Logger): Promise<void> {
    const installOf = async (tenantId: string) => {
      const { installId } = await connections.use(tenantId, place.connectionId);
      return installs.get(tenantId, installId);
    };
    const row = await queries.claimTrigger(db, place, storeMs + (await deadlineMs(place)));
    if (!row) return db.transaction().execute((tx) => askAgain(kernel, place, tx));
    try {
      const connection = await connections.use(row.tenant_id, place.connectionId);
      const install = () => installOf(row.tenant_id);
      const { trigger } = place;
      const startAt = row.is_first ? "now" : "beginning";
      const input = { cursor: row.cursor, config: row.config as Json, startAt };
      const { output } = await runner.runTrigger({ install, connection, trigger, input, signal });
      const found = output as unknown as Poll;
      await store(kernel, row, await install(), found, settings);
    } catch (error) {
      log.warn({ ...place, tenantId: row.tenant_id, err: error }, "a poll failed");
      await db.transaction().execute((tx) => putOff(kernel, row, error, tx));
    }
  };
}

/** The job came when it was not the time, or where another polls: the next one is not to be lost with it. */
async function askAgain(
  { sendPoll }: Pick<PollKernel, "sendPoll">,
  place: queries.TriggerPlace,
  tx: Kysely<CoreDatabase>,
): Promise<void> {
  const row = await queries.holdTrigger(tx, place);
  if (row?.is_enabled && row.lease_until === null) await sendPoll(row, row.next_poll_at, tx);
}

async function store(
  { db, events, sendPoll }: PollKernel,
  row: queries.TriggerRow,
  install: Install,
  { items, cursor, hasMore }: Poll,
  settings: PollKernel["settings"],
): Promise<void> {
  const limits = settings.limits(install.plugin);
  const quota = { perMinute: limits.eventsPerMinute, bytes: limits.eventStorageBytes };
  const source = {
    plugin: install.plugin,
    version: install.version,
    installId: install.id,
    connectionId: row.connection_id,
    trigger: row.trigger,
  };
  const keyed = new Map(items.map((item) => [keyDigest(item.key).toString("hex"), item]));
  await db.transaction().execute(async (tx) => {
    if (!(await queries.holdClaim(tx, row))) return;
    const digests = [...keyed.keys()].map((hex) => Buffer.from(hex, "hex"));
    const seen = await queries.seenBefore(tx, row, digests);
    const fresh = [...keyed].filter(([hex]) => !seen.has(hex));
    const most = limits.triggerItems;
    if (fresh.length > 0 && fresh.length + (await queries.countItems(tx, row, most)) > most) {
      await putOff({ sendPoll }, row, tooManyItems(most), tx);
      return;
    }
    const told: Buffer[] = [];
    let isFull = false;
    for (const [hex, item] of fresh) {
      if (!row.is_first) {
        const event = {
          tenantId: row.tenant_id,
          type: eventTypeOf(row.trigger),
          source,
          data: eventData(item, limits.eventBytes),
        };
        const { outcome } = await events.publish(event, quota, tx);
        isFull = outcome === "rate" || outcome === "bytes";
        if (isFull) break;
      }
      told.push(Buffer.from(hex, "hex"));
    }
    await queries.noteSeen(tx, row, told);
    const goesOn = hasMore && cursor !== row.cursor;
    // What there was no room for is found again at the same cursor.
    const nextPollAt = await queries.endPoll(tx, row, {
      cursor: isFull ? row.cursor : cursor,
      isFirst: row.is_first && goesOn && row.first_pages + 1 < mostFirstPages,
      toldCount: row.is_first ? 0 : told.length,
      failures: 0,
      error: isFull ? overQuota : null,
      heldMs: null,
      nextPollInMs: isFull ? quotaMs : goesOn ? moreMs : afterSuccessMs(row.interval_seconds),
    });
    if (nextPollAt) await sendPoll(row, nextPollAt, tx);
  });
}

const overQuota = {
  code: "events-limit-exceeded",
  detail:
    "The plugin has told this tenant as many events as it may; the rest of what was found is told when there is room.",
};

const tooManyItems = (most: number) =>
  coreError(
    "trigger-items-limit-exceeded",
    `The trigger remembers ${most} items at most, and has found more. Narrow its settings, or have the operator raise "triggerItems".`,
  );

async function putOff(
  { sendPoll }: Pick<PollKernel, "sendPoll">,
  row: queries.TriggerRow,
  error: unknown,
  tx: Kysely<CoreDatabase>,
): Promise<void> {
  const code = codeOf(error);
  const failures = notItsFault.includes(code) ? row.failures : row.failures + 1;
  const retryAfterMs = retryAfterOf(error);
  const nextPollAt = await queries.endPoll(tx, row, {
    cursor: row.cursor,
    isFirst: row.is_first,
    toldCount: 0,
    failures,
    error: { code, detail: detailOf(error, "The host could not poll.") },
    heldMs: retryAfterMs > 0 ? longestHoldMs(retryAfterMs) : null,
    nextPollInMs: notItsFault.includes(code)
      ? afterSuccessMs(Math.max(row.interval_seconds, switchedOffSeconds))
      : afterFailureMs({ intervalSeconds: row.interval_seconds, failures, retryAfterMs }),
  });
  if (nextPollAt) await sendPoll(row, nextPollAt, tx);
}
