import { newId } from "@plugboard/service-kit/crypto";
import { httpErrors } from "@plugboard/service-kit/http";
import { registryError } from "../errors.ts";
import type { RegistryDatabase } from "../tables.ts";
import { type Author, type HostedAuthor, type IsMemberOf, publisherOf } from "./author.ts";
import { suspectFlood } from "./flood/index.ts";
import { appendAudit } from "./moderation/index.ts";
import * as queries from "./queries.ts";
import type { Ratings } from "./ratings/index.ts";
import { type OwnReview, pluginNotFound, reviewNotFound, toOwnReview } from "./review.ts";
import type { ReviewSettings } from "./settings.ts";
import { type ReviewText, tidyReview } from "./text.ts";

/** What authors do with their reviews. */
export interface Reviews {
  /**
   * One review of each plugin by each author, of the version that their tenant has installed. In a flood it is held for
   * moderation: it is there, but neither shown nor counted.
   *
   * @throws `plugin-not-found`, `review-needs-install`, `review-own-plugin`, `review-exists`, `review-removed`,
   *   `invalid-request`, `rate-limited`
   */
  write(author: HostedAuthor, plugin: string, text: ReviewText): Promise<OwnReview>;
  /** What is held or hidden stays so. @throws as `write`, and `review-not-found` */
  edit(author: Author, name: ReviewName, change: Partial<ReviewText>): Promise<OwnReview>;
  /** Also without the plugin installed. Deleting twice is no error. @throws `review-not-found` */
  delete(author: Author, name: ReviewName): Promise<void>;
}

export interface ReviewName {
  plugin: string;
  id: string;
}

/** How often an author may write, change and delete one review within a day: each leaves a text behind. */
const changesPerDay = 20;
const dayMs = 24 * 60 * 60 * 1000;

export function createReviews(options: {
  db: RegistryDatabase;
  ratings: Ratings;
  isMemberOf: IsMemberOf;
  settings: ReviewSettings;
  now: () => Date;
}): Reviews {
  const { db, ratings, isMemberOf, settings, now } = options;

  /** In this order everywhere, so that nobody waits for one who waits for them. */
  async function begin(transaction: RegistryDatabase, plugin: string): Promise<void> {
    await queries.holdPublisher(transaction, publisherOf(plugin));
    await ratings.lock(transaction, plugin);
  }

  /** @returns the install that the review speaks of */
  async function admit(transaction: RegistryDatabase, author: Author, plugin: string) {
    const install = await queries.holdInstall(transaction, author.tenantId, plugin);
    if (!install) {
      const detail = `Only who has ${plugin} installed reviews it. Install it first.`;
      throw registryError("review-needs-install", detail);
    }
    if (await isMemberOf(transaction, publisherOf(plugin), author)) {
      const detail = `${plugin} is a plugin of your own publisher, so your word on it is no review.`;
      throw registryError("review-own-plugin", detail);
    }
    return install;
  }

  async function refuseTooMany(transaction: RegistryDatabase, id: string, at: Date): Promise<void> {
    const since = new Date(at.getTime() - dayMs);
    if ((await queries.countRevisions(transaction, id, since)) < changesPerDay) return;
    const detail = `A review may be changed ${changesPerDay} times a day. Try again tomorrow.`;
    throw httpErrors.error("rate-limited", detail, {}, { headers: { "Retry-After": String(dayMs / 1000) } });
  }

  /** The author's own review, held until the transaction ends. */
  async function own(transaction: RegistryDatabase, author: Author, { plugin, id }: ReviewName) {
    const row = await queries.findOfAuthor(transaction, plugin, author);
    if (row?.id !== id) throw reviewNotFound(plugin, id);
    return row;
  }

  return {
    async write(author, plugin, given) {
      const text = tidyReview(given);
      if (!(await queries.isListed(db, plugin, author))) throw pluginNotFound(plugin);
      return db.transaction().execute(async (transaction) => {
        await begin(transaction, plugin);
        const install = await admit(transaction, author, plugin);
        const former = await queries.findOfAuthor(transaction, plugin, author);
        if (former) refuseSecond(former);
        const at = now();
        if (former) await refuseTooMany(transaction, former.id, at);

        const isNewcomer = at.getTime() - install.created_at.getTime() < settings.newcomerHours * 3_600_000;
        const suspicion = await suspectFlood(transaction, { plugin, author, isNewcomer, at }, settings);
        const standing = former && former.status !== "visible" ? former.status : undefined;
        const row = await queries.putReview(transaction, {
          id: newId("rev"),
          plugin,
          tenant_id: author.tenantId,
          author: author.reference,
          ...toColumns(text),
          host: author.host,
          newcomer: isNewcomer,
          version: install.version,
          // What moderation has taken down does not come back by being written anew.
          status: standing ?? (suspicion === undefined ? "visible" : "held"),
          created_at: at,
        });
        await queries.appendRevision(transaction, row, { change: "written", at });
        await ratings.recount(transaction, plugin, { from: null, to: queries.countedStars(row) });
        if (!standing && suspicion !== undefined) {
          const entry = { decidedBy: "flood-rule", decision: "hold", reason: suspicion } as const;
          await appendAudit(transaction, row.id, { ...entry, at });
        }
        return toOwnReview(row);
      });
    },

    async edit(author, name, change) {
      return db.transaction().execute(async (transaction) => {
        await begin(transaction, name.plugin);
        const before = await own(transaction, author, name);
        if (before.deleted_at) throw reviewNotFound(name.plugin, name.id);
        if (before.status === "removed") throw removed();
        const install = await admit(transaction, author, name.plugin);
        const at = now();
        await refuseTooMany(transaction, before.id, at);

        const text = tidyReview({ ...queries.textOf(before), ...change });
        const row = await queries.changeReview(transaction, before.id, {
          ...toColumns(text),
          version: install.version,
          edited_at: at,
        });
        await queries.appendRevision(transaction, row, { change: "edited", at });
        const stars = { from: queries.countedStars(before), to: queries.countedStars(row) };
        await ratings.recount(transaction, name.plugin, stars);
        return toOwnReview(row);
      });
    },

    async delete(author, name) {
      await db.transaction().execute(async (transaction) => {
        await ratings.lock(transaction, name.plugin);
        const before = await own(transaction, author, name);
        if (before.deleted_at) return;
        const at = now();
        await queries.deleteVotes(transaction, before.id);
        const row = await queries.changeReview(transaction, before.id, { deleted_at: at, helpful_count: 0 });
        await queries.appendRevision(transaction, row, { change: "deleted", at });
        await ratings.recount(transaction, name.plugin, { from: queries.countedStars(before), to: null });
      });
    },
  };
}

function refuseSecond(former: queries.ReviewRow): void {
  if (former.status === "removed") throw removed();
  if (former.deleted_at) return;
  const detail = `You reviewed ${former.plugin} already, as ${former.id}. Change that review with PATCH.`;
  throw registryError("review-exists", detail, { reviewId: former.id });
}

function removed() {
  return registryError("review-removed", "Moderation removed this review, so it cannot be written anew.");
}

function toColumns({ rating, title, body, authorName }: ReviewText) {
  return { rating, title, body, author_name: authorName };
}
