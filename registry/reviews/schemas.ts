import { Type } from "typebox";
import { pluginId, tenantId, timestamp } from "../names.ts";

export const reviewId = Type.String({ pattern: "^rev_[0-9a-f]{32}$" });

/** Stars. */
export const stars = Type.Integer({ minimum: 1, maximum: 5, description: "1 to 5 stars." });

/** An author, as the host vouches for them. */
export const authorFields = {
  tenantId,
  author: Type.String({
    pattern: "^[A-Za-z0-9_-]{43}$",
    description: "A keyed hash of whoever acts in the tenant, base64url: the same for the same one.",
  }),
};

export const Author = Type.Object(authorFields);

const title = Type.String({ minLength: 1, maxLength: 120, description: "Plain text, one line." });
const body = Type.String({ minLength: 1, maxLength: 5000, description: "Plain text." });
const authorName = Type.Union([Type.String({ minLength: 1, maxLength: 60 }), Type.Null()], {
  description: "What the author wants to be called; null for no name.",
});

export const ReviewRequest = Type.Object({
  ...authorFields,
  rating: stars,
  title,
  body,
  authorName: Type.Optional(authorName),
});

export const ReviewChangeRequest = Type.Object({
  ...authorFields,
  rating: Type.Optional(stars),
  title: Type.Optional(title),
  body: Type.Optional(body),
  authorName: Type.Optional(authorName),
});

const review = {
  id: reviewId,
  plugin: pluginId,
  version: Type.String({ description: "What the author had installed when they wrote or last changed it." }),
  rating: stars,
  title: Type.String({ description: "Plain text: escape it for where you show it." }),
  body: Type.String({ description: "Plain text: escape it for where you show it." }),
  authorName: Type.Union([Type.String(), Type.Null()]),
  helpfulCount: Type.Integer({ minimum: 0 }),
  reply: Type.Union([Type.Object({ body: Type.String(), at: timestamp }), Type.Null()], {
    description: "The publisher's answer.",
  }),
  createdAt: timestamp,
  editedAt: Type.Union([timestamp, Type.Null()]),
};

export const Review = Type.Object(review);

const ownReview = {
  ...review,
  status: Type.Union(
    [Type.Literal("visible"), Type.Literal("held"), Type.Literal("hidden"), Type.Literal("removed")],
    {
      description:
        "`visible` is shown and counts; `held` waits for moderation; `hidden` and `removed` were taken down by it.",
    },
  ),
};

export const OwnReview = Type.Object(ownReview);

export const Rating = Type.Object({
  count: Type.Integer({ minimum: 0 }),
  average: Type.Union([Type.Number(), Type.Null()], { description: "Of the stars, to two decimals." }),
  score: Type.Union([Type.Number(), Type.Null()], {
    description: "The Bayesian mean that lists are ordered by, to two decimals.",
  }),
  histogram: Type.Array(Type.Integer({ minimum: 0 }), {
    minItems: 5,
    maxItems: 5,
    description: "How many reviews gave 1, 2, 3, 4 and 5 stars.",
  }),
});

export const ReportRequest = Type.Object({
  ...authorFields,
  reason: Type.Union([
    Type.Literal("spam"),
    Type.Literal("abuse"),
    Type.Literal("off-topic"),
    Type.Literal("personal-data"),
    Type.Literal("self-promotion"),
    Type.Literal("other"),
  ]),
  note: Type.Optional(Type.String({ maxLength: 1000, description: "For the moderators. Plain text." })),
});

export const ReplyRequest = Type.Object({
  reply: Type.String({
    maxLength: 16_384,
    description:
      'Compact JWS of type `plugboard-review-reply+jws` over `{ publisher, audience: "plugboard-registry", issuedAt, review, body }`, signed with a key of the publisher\'s; `withdraw: true` in the place of `body` takes the answer away.',
  }),
});

export const ModeratedReview = Type.Object({
  ...ownReview,
  tenantId: Type.String(),
  author: Type.String(),
  reportCount: Type.Integer({ description: "Reports that are not settled." }),
  deletedAt: Type.Union([timestamp, Type.Null()]),
});

export const AuditRecord = Type.Object({
  id: Type.Integer(),
  reviewId,
  decidedBy: Type.String({ description: "`operator`, `flood-rule` or `publisher-link`." }),
  decision: Type.String(),
  reason: Type.String(),
  at: timestamp,
});

export const ModerationCase = Type.Object({
  ...ModeratedReview.properties,
  revisions: Type.Array(
    Type.Object({
      revision: Type.Integer(),
      change: Type.String({ description: "`written`, `edited` or `deleted`." }),
      version: Type.String(),
      rating: stars,
      title: Type.String(),
      body: Type.String(),
      authorName: Type.Union([Type.String(), Type.Null()]),
      at: timestamp,
    }),
    { description: "Every text there was, oldest first." },
  ),
  reports: Type.Array(
    Type.Object({
      tenantId: Type.String(),
      reason: Type.String(),
      note: Type.String(),
      at: timestamp,
      settledAt: Type.Union([timestamp, Type.Null()]),
    }),
  ),
  audit: Type.Array(AuditRecord),
});

export const DecisionRequest = Type.Object({
  decision: Type.Union(
    [
      Type.Literal("hide"),
      Type.Literal("restore"),
      Type.Literal("remove"),
      Type.Literal("keep"),
      Type.Literal("remove-reply"),
    ],
    {
      description:
        "`hide` takes it down until it is restored, `remove` for good; `restore` puts it back, or lets go what was held; `keep` settles reports and leaves it.",
    },
  ),
  reason: Type.String({ minLength: 1, maxLength: 1000 }),
});
