import type { Publishers } from "../../publishers/index.ts";
import type { RegistryDatabase } from "../../tables.ts";
import type { IsMemberOf } from "../author.ts";
import { appendAudit } from "../moderation/index.ts";
import { changeReview, countedStars, findReview } from "../queries.ts";
import type { Ratings } from "../ratings/index.ts";
import * as queries from "./queries.ts";

/** Which tenants belong to a publisher. The operator says so; accounts with members will say more. */
export interface Affiliations {
  /** Also hides what the tenant has said of the publisher's plugins so far, and takes its votes back. @throws `publisher-not-found` */
  link(publisher: string, tenantId: string): Promise<void>;
  /** What was hidden stays hidden: moderation restores what is to be restored. @throws `publisher-not-found` */
  unlink(publisher: string, tenantId: string): Promise<void>;
  /** @throws `publisher-not-found` */
  list(publisher: string): Promise<string[]>;
}

/** Everybody in a tenant that belongs to the publisher. */
export const isMemberByTenant: IsMemberOf = (db, publisher, { tenantId }) =>
  queries.isLinked(db, publisher, tenantId);

export function createAffiliations(options: {
  db: RegistryDatabase;
  publishers: Pick<Publishers, "get">;
  ratings: Ratings;
  now: () => Date;
}): Affiliations {
  const { db, publishers, ratings, now } = options;

  async function hide(transaction: RegistryDatabase, { id, plugin }: { id: string; plugin: string }) {
    await ratings.lock(transaction, plugin);
    const before = await findReview(transaction, id);
    // What moderation took down for good since the list was made stays so.
    if (before?.status !== "visible" && before?.status !== "held") return;
    await changeReview(transaction, id, { status: "hidden" });
    await ratings.recount(transaction, plugin, { from: countedStars(before), to: null });
    const reason = "Its author belongs to the publisher of the plugin.";
    const entry = { decidedBy: "publisher-link", decision: "hide", reason, at: now() } as const;
    await appendAudit(transaction, id, entry);
  }

  return {
    async link(publisher, tenantId) {
      await publishers.get(publisher);
      await db.transaction().execute(async (transaction) => {
        await queries.lockPublisher(transaction, publisher);
        await queries.insertLink(transaction, publisher, tenantId, now());
        for (const review of await queries.listReviewsOf(transaction, publisher, tenantId)) {
          await hide(transaction, review);
        }
        await queries.deleteVotesOf(transaction, publisher, tenantId);
      });
    },
    async unlink(publisher, tenantId) {
      await publishers.get(publisher);
      await queries.deleteLink(db, publisher, tenantId);
    },
    async list(publisher) {
      await publishers.get(publisher);
      return queries.listLinked(db, publisher);
    },
  };
}
