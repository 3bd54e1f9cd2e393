import { Type } from "typebox";

const timestamp = Type.String({ format: "date-time" });

export const stars = Type.Integer({ minimum: 1, maximum: 5, description: "1 to 5 stars." });
const title = Type.String({ minLength: 1, maxLength: 120, description: "Plain text, one line." });
const body = Type.String({ minLength: 1, maxLength: 5000, description: "Plain text." });
const authorName = Type.Union([Type.String({ minLength: 1, maxLength: 60 }), Type.Null()], {
  description: "What you want to be called; null, and without it, for no name. Everybody sees it.",
});

export const reviewRequest = Type.Object({
  rating: stars,
  title,
  body,
  authorName: Type.Optional(authorName),
});

export const reviewChange = Type.Object({
  rating: Type.Optional(stars),
  title: Type.Optional(title),
  body: Type.Optional(body),
  authorName: Type.Optional(authorName),
});

const fields = {
  id: Type.String(),
  plugin: Type.String({ description: "`publisher/name`" }),
  version: Type.String({ description: "What the author had installed when they wrote or last changed it." }),
  rating: stars,
  title: Type.String({ description: "Plain text: escape it for where you show it." }),
  body: Type.String({ description: "Plain text: escape it for where you show it." }),
  authorName: Type.Union([Type.String(), Type.Null()]),
  helpfulCount: Type.Integer(),
  reply: Type.Union([Type.Object({ body: Type.String(), at: timestamp }), Type.Null()], {
    description: "The publisher's answer.",
  }),
  createdAt: timestamp,
  editedAt: Type.Union([timestamp, Type.Null()]),
};

export const review = Type.Object(fields, { title: "Review" });

export const ownReview = Type.Object(
  {
    ...fields,
    status: Type.String({
      description:
        "`visible` is shown and counts; `held` waits for the registry's moderation; `hidden` and `removed` were taken down by it.",
    }),
  },
  { title: "OwnReview" },
);

export const rating = Type.Object(
  {
    count: Type.Integer(),
    average: Type.Union([Type.Number(), Type.Null()], { description: "Of the stars, to two decimals." }),
    score: Type.Union([Type.Number(), Type.Null()], {
      description: "The Bayesian mean that lists are ordered by, to two decimals.",
    }),
    histogram: Type.Array(Type.Integer(), {
      minItems: 5,
      maxItems: 5,
      description: "How many reviews gave 1, 2, 3, 4 and 5 stars.",
    }),
  },
  { title: "Rating" },
);

export const reportRequest = Type.Object({
  reason: Type.Union([
    Type.Literal("spam"),
    Type.Literal("abuse"),
    Type.Literal("off-topic"),
    Type.Literal("personal-data"),
    Type.Literal("self-promotion"),
    Type.Literal("other"),
  ]),
  note: Type.Optional(Type.String({ maxLength: 1000, description: "For the registry's moderators." })),
});

export const sort = Type.Union(
  [Type.Literal("helpful"), Type.Literal("newest"), Type.Literal("highest"), Type.Literal("lowest")],
  { default: "helpful", description: "What comes first; among equals the newest." },
);
