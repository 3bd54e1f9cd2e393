import type { Json } from "@plugboard/sandbox";
import type { Kysely } from "kysely";
import { CapabilityError, type DatabaseShare } from "../../../kernel/capabilities/index.ts";
import type { Events } from "../../../kernel/events/index.ts";
import type { PluginSettings } from "../../../kernel/limits/index.ts";
import type { Install } from "../../../kernel/plugins/index.ts";
import type { CoreDatabase } from "../../../tables.ts";
import { eventTypeOf } from "../event-type.ts";
import { eventData, keyDigest, type PolledItem } from "../item-data.ts";
import * as queries from "./queries.ts";

/** What messages came to: events, each once, and what the plugin goes on with. */
export interface Answered {
  items: PolledItem[];
  state: Json | undefined;
  install: Install;
}

/** @throws StreamLost, CapabilityError `events-limit-exceeded`, `database-busy`; then nothing was stored */
export type StoreAnswer = (answered: Answered) => Promise<void>;

/** It is another host's by now, or a person has changed it. */
export class StreamLost extends Error {}

/** Events and state in one transaction, as long as the stream is this host's. */
export function createStore(
  { db, share, events, settings, leaseMs }: StoreKernel,
  row: queries.StreamRow,
): StoreAnswer {
  async function store({ items, state, install }: Answered): Promise<void> {
    const limits = settings.limits(install.plugin);
    const quota = { perMinute: limits.eventsPerMinute, bytes: limits.eventStorageBytes };
    const source = {
      plugin: install.plugin,
      version: install.version,
      installId: install.id,
      connectionId: row.connection_id,
      trigger: row.trigger,
    };
    await db.transaction().execute(async (tx) => {
      if (!(await queries.holdStream(tx, row)))
        throw new StreamLost("another host has it, or it was changed");
      let told = 0;
      for (const item of items) {
        const { outcome } = await events.publish(
          {
            tenantId: row.tenant_id,
            type: eventTypeOf(row.trigger),
            source,
            data: eventData(item, limits.eventBytes),
            dedupeKey: `stream/${row.connection_id}/${row.trigger}/${keyDigest(item.key).toString("hex")}`,
          },
          quota,
          tx,
        );
        if (outcome === "rate" || outcome === "bytes") throw overQuota();
        if (outcome === "ok") told++;
      }
      const text = state === undefined ? undefined : JSON.stringify(state);
      await queries.storeProgress(tx, row, { state: text, told, leaseMs });
    });
  }

  /** In the tenant's turn, as what plugins store and tell by themselves: the API always finds a line to the database. */
  return async (answered) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await share.run(row.tenant_id, () => store(answered));
      } catch (error) {
        const isBusy = error instanceof CapabilityError && error.code === "database-busy";
        if (!isBusy || attempt === mostAttempts) throw error;
      }
    }
  };
}

/** Each waits for its turn for some seconds; the vendor waits meanwhile, since nothing more is read. */
const mostAttempts = 10;

export interface StoreKernel {
  db: Kysely<CoreDatabase>;
  share: DatabaseShare;
  events: Pick<Events, "publish">;
  settings: Pick<PluginSettings, "limits">;
  /** For so long a stream is this host's after its last word. */
  leaseMs: number;
}

/** When the tenant's events of this minute are used up. */
const quotaMs = 60_000;

const overQuota = () =>
  new CapabilityError(
    "events-limit-exceeded",
    "The plugin has told this tenant as many events as it may; the vendor is listened to again when there is room.",
    undefined,
    quotaMs,
  );
