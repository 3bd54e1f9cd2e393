import { registryError } from "../../errors.ts";
import type { RegistryDatabase } from "../../tables.ts";
import { type Author, type IsMemberOf, publisherOf } from "../author.ts";
import { findVisible, holdPublisher, isListed } from "../queries.ts";
import type { Ratings } from "../ratings/index.ts";
import { type Review, reviewNotFound, toReview } from "../review.ts";
import type { ReviewName } from "../reviews.ts";
import { tidyText } from "../text.ts";
import * as queries from "./queries.ts";

/** What others think of a review. */
export interface Opinions {
  /** One vote an author, not on one's own. Voting twice is no error. @throws `review-not-found`, `own-review`, `review-own-plugin` */
  voteHelpful(author: Author, name: ReviewName): Promise<Review>;
  /** @throws `review-not-found` */
  takeVoteBack(author: Author, name: ReviewName): Promise<Review>;
  /** For moderation to look at; nothing is taken down by it. Once an author. @throws `review-not-found`, `own-review` */
  report(author: Author, name: ReviewName, report: { reason: string; note?: string }): Promise<void>;
}

export function createOpinions(options: {
  db: RegistryDatabase;
  ratings: Ratings;
  isMemberOf: IsMemberOf;
  now: () => Date;
}): Opinions {
  const { db, ratings, isMemberOf, now } = options;

  async function find(transaction: RegistryDatabase, { plugin, id }: ReviewName, author: Author) {
    const row = await findVisible(transaction, plugin, id);
    if (!row || !(await isListed(transaction, plugin, author))) throw reviewNotFound(plugin, id);
    return row;
  }

  /** A review of somebody else, held until the transaction ends. */
  async function ofOthers(transaction: RegistryDatabase, author: Author, name: ReviewName) {
    await ratings.lock(transaction, name.plugin);
    const row = await find(transaction, name, author);
    if (row.tenant_id === author.tenantId && row.author === author.reference) {
      throw registryError("own-review", "This is your own review; only others vote on it or report it.");
    }
    return row;
  }

  return {
    async voteHelpful(author, name) {
      await find(db, name, author);
      return db.transaction().execute(async (transaction) => {
        // First, as whoever writes a review does: who is linked to the publisher in this moment has no vote that stays.
        await holdPublisher(transaction, publisherOf(name.plugin));
        const { id } = await ofOthers(transaction, author, name);
        if (await isMemberOf(transaction, publisherOf(name.plugin), author)) {
          const detail = `${name.plugin} is a plugin of your own publisher, so you have no vote on its reviews.`;
          throw registryError("review-own-plugin", detail);
        }
        if (await queries.insertVote(transaction, id, author, now())) {
          await queries.addHelpful(transaction, id, 1);
        }
        return toReview(await find(transaction, name, author));
      });
    },

    async takeVoteBack(author, name) {
      await find(db, name, author);
      return db.transaction().execute(async (transaction) => {
        await ratings.lock(transaction, name.plugin);
        const { id } = await find(transaction, name, author);
        if (await queries.deleteVote(transaction, id, author)) await queries.addHelpful(transaction, id, -1);
        return toReview(await find(transaction, name, author));
      });
    },

    async report(author, name, { reason, note = "" }) {
      const tidied = note.trim() === "" ? "" : tidyText("/note", note);
      await find(db, name, author);
      await db.transaction().execute(async (transaction) => {
        const { id } = await ofOthers(transaction, author, name);
        const report = { reason, note: tidied, at: now() };
        if (await queries.insertReport(transaction, id, author, report)) {
          await queries.addReport(transaction, id);
        }
      });
    },
  };
}
