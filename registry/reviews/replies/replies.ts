import { type ReviewReply, statementTypes } from "@plugboard/plugin-sdk/trust";
import { registryError } from "../../errors.ts";
import type { AdmitSigned } from "../../members/index.ts";
import { checkClaim, type Publishers } from "../../publishers/index.ts";
import type { RegistryDatabase } from "../../tables.ts";
import { verifySigned } from "../../trust/index.ts";
import { publisherOf } from "../author.ts";
import { changeReview, findVisible } from "../queries.ts";
import type { Ratings } from "../ratings/index.ts";
import { type Review, reviewNotFound, toReview } from "../review.ts";
import type { ReviewName } from "../reviews.ts";
import { tidyText } from "../text.ts";

export interface Replies {
  /**
   * Puts the publisher's answer beside a review, in the place of the one before, or takes it away.
   *
   * @param jws signed with a key of the publisher's: the signature is the authentication
   * @throws `review-not-found`, `publisher-key-unknown`, `signature-invalid`, `statement-*`, `claim-invalid`,
   *   `reply-outdated`, `invalid-request`, `unauthorized`, `not-a-member`, `forbidden`
   */
  reply(name: ReviewName, jws: string, o: { token: string | undefined }): Promise<Review>;
}

export function createReplies(options: {
  db: RegistryDatabase;
  ratings: Ratings;
  publishers: Pick<Publishers, "keysOf">;
  admitSigned: AdmitSigned;
  now: () => Date;
}): Replies {
  const { db, ratings, publishers, admitSigned, now } = options;
  return {
    async reply(name, jws, { token }) {
      const publisher = publisherOf(name.plugin);
      const keys = await publishers.keysOf(publisher);
      const statement = await verifySigned<ReviewReply>(statementTypes.reply, jws, keys);
      checkClaim(statement, { publisher, now: now() });
      await admitSigned(
        { publisher, scope: "publish", plugin: name.plugin.slice(publisher.length + 1) },
        token,
      );
      if (statement.review !== name.id) {
        throw registryError("claim-invalid", `The reply is signed for the review "${statement.review}".`);
      }
      const body = "body" in statement ? tidyText("/reply", statement.body) : null;
      const signedAt = new Date(statement.issuedAt);
      return db.transaction().execute(async (transaction) => {
        await ratings.lock(transaction, name.plugin);
        const row = await findVisible(transaction, name.plugin, name.id);
        if (!row) throw reviewNotFound(name.plugin, name.id);
        if (row.reply_signed_at && signedAt <= row.reply_signed_at) {
          throw registryError(
            "reply-outdated",
            "A reply that was signed later, or this very one, is there already.",
          );
        }
        const change = { reply: body, replied_at: body === null ? null : now(), reply_signed_at: signedAt };
        return toReview(await changeReview(transaction, name.id, change));
      });
    },
  };
}
