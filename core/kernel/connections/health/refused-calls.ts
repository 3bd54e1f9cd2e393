import type { Logger } from "@plugboard/service-kit/observe";
import type { Kysely } from "kysely";
import type { CoreDatabase } from "../../../tables.ts";
import type { RequestRecord } from "../../capabilities/index.ts";
import type { Changes } from "../../changes/index.ts";
import * as queries from "./queries.ts";
import { soonMs } from "./record.ts";

/**
 * Hears of every request, and has a connection looked at soon whose vendor did not take the credential: its owner is told
 * minutes later, and not after the quarter of an hour until the next check.
 */
export type HearRequest = (record: RequestRecord) => void;

/** A vendor may refuse one kind of request with 401 and take the others: this often at most it is looked into. */
const everyMs = 5 * 60_000;
const mostRemembered = 10_000;

export function createRefusedCalls(options: {
  db: Kysely<CoreDatabase>;
  changes: Changes;
  logger: Logger;
  now: () => number;
  inAbout: (ms: number) => number;
}): HearRequest {
  const { db, changes, logger, now, inAbout } = options;
  const lookedInto = new Map<string, number>();

  async function lookSoon({ tenantId, connectionId }: RequestRecord): Promise<void> {
    await changes.transaction(db, async (tx, announce) => {
      if (await queries.bringForward(tx, tenantId, connectionId, inAbout(soonMs)))
        await announce("connection-health", connectionId);
    });
  }

  return (record) => {
    const { tenantId, connectionId, status } = record;
    if (status !== 401 || (lookedInto.get(connectionId) ?? Number.NEGATIVE_INFINITY) > now() - everyMs)
      return;
    if (lookedInto.size >= mostRemembered) lookedInto.clear();
    lookedInto.set(connectionId, now());
    lookSoon(record).catch((err) =>
      logger.warn({ tenantId, connectionId, err }, "a refused credential could not be looked into"),
    );
  };
}
