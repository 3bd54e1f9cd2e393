import type { StreamTriggerContribution, TriggerContribution } from "@plugboard/plugin-sdk/manifest";
import type { Json } from "@plugboard/sandbox";
import type { Kysely } from "kysely";
import { coreError } from "../../errors.ts";
import { holdTenant } from "../../kernel/access/index.ts";
import type { Connections } from "../../kernel/connections/index.ts";
import { checkOf } from "../../kernel/contributed-checks.ts";
import type { Installs, PluginRunner } from "../../kernel/plugins/index.ts";
import type { CoreDatabase } from "../../tables.ts";
import { eventTypeOf } from "./event-type.ts";
import type { Poll } from "./poll.ts";
import type { SendPoll } from "./poll-jobs.ts";
import * as queries from "./queries.ts";
import type { StreamState, Streams } from "./streams/index.ts";

/** A trigger that a connection's plugin offers, and how it is doing, where it polls or listens. */
export interface ConnectionTrigger {
  name: string;
  title: string;
  description?: string;
  kind: "webhook" | "polling" | "stream";
  /** Of the events in which it is told. */
  eventTypes: string[];
  output: object;
  config?: object;
  /** The least time between two polls. */
  intervalSeconds?: number;
  state?: TriggerState | StreamState;
}

export interface TriggerState {
  enabled: boolean;
  config: { [field: string]: unknown };
  intervalSeconds: number;
  nextPollAt: string | null;
  lastPolledAt: string | null;
  /** Polls in a row that failed. */
  failures: number;
  lastError: { code: string; detail: string } | null;
  /** Items that were told, since it was switched on first. */
  told: number;
}

export interface TriggerWish {
  enabled: boolean;
  config?: { [field: string]: unknown } | undefined;
  intervalSeconds?: number | undefined;
  startAt?: "now" | "beginning" | undefined;
}

/** Finding the connection throws `connection-not-found`, the trigger `trigger-not-found`; what does not poll is `trigger-not-polling`. */
export interface Triggers {
  list(tenantId: string, connectionId: string): Promise<ConnectionTrigger[]>;
  get(tenantId: string, place: queries.TriggerPlace): Promise<ConnectionTrigger>;
  /** @throws `trigger-config-invalid`, `tenant-not-found` */
  put(tenantId: string, place: queries.TriggerPlace, wish: TriggerWish): Promise<ConnectionTrigger>;
  /** Polls once, for nothing: nothing is stored or told. @throws `trigger-backing-off`; what the plugin made of it */
  test(
    tenantId: string,
    place: queries.TriggerPlace,
    config: { [field: string]: unknown } | undefined,
    signal: AbortSignal,
  ): Promise<{ items: Json[]; hasMore: boolean }>;
  /** Polls as soon as there is a turn, rather than at its time. @throws `trigger-off`, `trigger-backing-off` */
  pollNow(tenantId: string, place: queries.TriggerPlace): Promise<void>;
}

const defaultIntervalSeconds = 300;
/** What a test shows of what it has found. */
const mostShown = 10;

export function createTriggers(kernel: {
  db: Kysely<CoreDatabase>;
  connections: Pick<Connections, "use">;
  installs: Pick<Installs, "get" | "manifest">;
  runner: Pick<PluginRunner, "runTrigger">;
  sendPoll: SendPoll;
  streams: Streams;
}): Triggers {
  const { db, connections, installs, runner, sendPoll, streams } = kernel;

  async function offered(tenantId: string, connectionId: string) {
    const { installId } = await connections.use(tenantId, connectionId);
    const { contributes } = await installs.manifest(await installs.get(tenantId, installId));
    return contributes?.triggers ?? {};
  }

  async function find(tenantId: string, { connectionId, trigger }: queries.TriggerPlace) {
    const triggers = await offered(tenantId, connectionId);
    const found = Object.hasOwn(triggers, trigger) ? triggers[trigger] : undefined;
    if (found) return found;
    const available = Object.keys(triggers);
    throw coreError(
      "trigger-not-found",
      `The plugin of this connection has no trigger "${trigger}"; it has ${available.join(", ") || "none"}.`,
      { available },
    );
  }

  async function findPolling(tenantId: string, place: queries.TriggerPlace) {
    const found = await find(tenantId, place);
    if (found.kind === "polling") return found;
    throw notPolling(place.trigger, found);
  }

  async function get(tenantId: string, place: queries.TriggerPlace): Promise<ConnectionTrigger> {
    const found = await find(tenantId, place);
    return show(place.trigger, found, await statesOf(tenantId, place.connectionId));
  }

  async function statesOf(tenantId: string, connectionId: string): Promise<States> {
    return {
      polls: await rowsOf(tenantId, connectionId),
      streams: await streams.list(tenantId, connectionId),
    };
  }

  async function putStream(
    tenantId: string,
    place: queries.TriggerPlace,
    offer: StreamTriggerContribution,
    { enabled, config, intervalSeconds, startAt }: TriggerWish,
  ): Promise<void> {
    if (intervalSeconds !== undefined)
      throw invalid(`"${place.trigger}" listens, and asks at no interval.`, [
        { pointer: "/intervalSeconds", message: "must not be given" },
      ]);
    const before = (await streams.list(tenantId, place.connectionId)).get(place.trigger);
    const wanted = config ?? before?.config ?? {};
    checkConfig(offer.config, wanted);
    const isAnew = startAt !== undefined;
    await streams.put(tenantId, place, { isEnabled: enabled, config: wanted, isAnew });
  }

  async function rowsOf(tenantId: string, connectionId: string) {
    const rows = await queries.listTriggers(db, tenantId, connectionId);
    return new Map(rows.map((row) => [row.trigger, row]));
  }

  async function waitsOf(place: queries.TriggerPlace, tx = db) {
    return (await queries.findWaits(tx, place)) ?? { pollMs: 0, heldMs: 0 };
  }

  return {
    async list(tenantId, connectionId) {
      const triggers = await offered(tenantId, connectionId);
      const states = await statesOf(tenantId, connectionId);
      return Object.entries(triggers).map(([name, one]) => show(name, one, states));
    },

    get,

    async put(tenantId, place, wish) {
      const { enabled, config, intervalSeconds, startAt } = wish;
      const found = await find(tenantId, place);
      if (found.kind === "webhook") throw notPolling(place.trigger, found);
      if (found.kind === "stream") {
        await putStream(tenantId, place, found, wish);
        return get(tenantId, place);
      }
      const before = (await rowsOf(tenantId, place.connectionId)).get(place.trigger);
      const wanted = config ?? before?.config ?? {};
      checkConfig(found.config, wanted);
      const least = found.intervalSeconds ?? defaultIntervalSeconds;
      if (intervalSeconds !== undefined && intervalSeconds < least)
        throw invalid(`"${place.trigger}" is polled every ${least} seconds at most.`, [
          { pointer: "/intervalSeconds", message: `must be at least ${least}` },
        ]);
      await db.transaction().execute(async (tx) => {
        await holdTenant(tx, tenantId);
        const written = await queries.writeTrigger(tx, place, {
          tenantId,
          isEnabled: enabled,
          config: wanted,
          intervalSeconds: intervalSeconds ?? Math.max(least, before?.interval_seconds ?? 0),
          startAt,
        });
        if (enabled) await sendPoll(written, written.next_poll_at, tx);
      });
      return get(tenantId, place);
    },

    async test(tenantId, place, config, signal) {
      const found = await findPolling(tenantId, place);
      const row = (await rowsOf(tenantId, place.connectionId)).get(place.trigger);
      const wanted = config ?? row?.config ?? {};
      checkConfig(found.config, wanted);
      const { heldMs } = await waitsOf(place);
      if (row?.held_until && heldMs > 0) throw backingOff(place.trigger, 0, row.held_until, heldMs);
      const connection = await connections.use(tenantId, place.connectionId);
      const { output } = await runner.runTrigger({
        install: () => installs.get(tenantId, connection.installId),
        connection,
        trigger: place.trigger,
        // Who tries a trigger wants to see what there is.
        input: { cursor: null, config: wanted as Json, startAt: "beginning" },
        signal,
      });
      const { items, hasMore } = output as unknown as Poll;
      return {
        items: items.slice(0, mostShown).map(({ item }) => item),
        hasMore: hasMore || items.length > mostShown,
      };
    },

    async pollNow(tenantId, place) {
      await findPolling(tenantId, place);
      await db.transaction().execute(async (tx) => {
        const row = await queries.holdTrigger(tx, place);
        if (row?.tenant_id !== tenantId || !row.is_enabled)
          throw coreError("trigger-off", `"${place.trigger}" is not switched on over this connection.`);
        const { pollMs, heldMs } = await waitsOf(place, tx);
        if ((row.failures > 0 || heldMs > 0) && pollMs > 0)
          throw backingOff(place.trigger, row.failures, row.next_poll_at, pollMs);
        await queries.makeDue(tx, row);
        await sendPoll(row, undefined, tx);
      });
    },
  };
}

/** Without a schema a trigger takes none. */
const noSettings = { type: "object", properties: {}, additionalProperties: false };

function checkConfig(schema: { readonly [keyword: string]: unknown } | undefined, config: object): void {
  const problems = checkOf(schema ?? noSettings)(config);
  if (problems.length === 0) return;
  throw invalid(
    "The trigger's settings do not fit its schema.",
    problems.map(({ pointer, message }) => ({ pointer: `/config${pointer}`, message })),
  );
}

/** @param failures in a row; none where only the vendor's word holds it */
function backingOff(trigger: string, failures: number, until: Date, waitMs: number) {
  const nextPollAt = until.toISOString();
  const reason =
    failures > 0
      ? `"${trigger}" has failed ${failures} times in a row, and is polled again at ${nextPollAt}; lastError of the trigger says why.`
      : `The vendor has asked "${trigger}" to wait: it is not asked before ${nextPollAt}.`;
  return coreError(
    "trigger-backing-off",
    reason,
    { nextPollAt },
    { headers: { "Retry-After": String(Math.ceil(waitMs / 1000)) } },
  );
}

function invalid(detail: string, problems: { pointer: string; message: string }[]) {
  return coreError("trigger-config-invalid", detail, { problems });
}

/** How what a connection's triggers do is going, by their names. */
interface States {
  polls: Map<string, queries.TriggerRow>;
  streams: Map<string, StreamState>;
}

function show(name: string, offer: TriggerContribution, { polls, streams }: States): ConnectionTrigger {
  const { kind, title, description, output } = offer;
  const shown = { name, kind, title, ...(description !== undefined && { description }), output };
  if (offer.kind === "webhook") return { ...shown, eventTypes: offer.events };
  const told = { ...shown, eventTypes: [eventTypeOf(name)], ...(offer.config && { config: offer.config }) };
  if (offer.kind === "stream") {
    const state = streams.get(name);
    return { ...told, ...(state && { state }) };
  }
  const row = polls.get(name);
  return {
    ...told,
    intervalSeconds: offer.intervalSeconds ?? defaultIntervalSeconds,
    ...(row && { state: stateOf(row) }),
  };
}

function notPolling(trigger: string, offer: Exclude<TriggerContribution, { kind: "polling" }>) {
  const detail =
    offer.kind === "webhook"
      ? `"${trigger}" fires on ${offer.events.join(", ")}: it is told whenever the vendor's webhooks say so.`
      : `"${trigger}" listens on a stream: it is told whenever the vendor says something.`;
  return coreError("trigger-not-polling", detail);
}

function stateOf(row: queries.TriggerRow): TriggerState {
  return {
    enabled: row.is_enabled,
    config: row.config,
    intervalSeconds: row.interval_seconds,
    nextPollAt: row.is_enabled ? row.next_poll_at.toISOString() : null,
    lastPolledAt: row.last_polled_at?.toISOString() ?? null,
    failures: row.failures,
    lastError: row.last_error,
    told: row.told_count,
  };
}
