import type { Route } from "@plugboard/service-kit/http";
import type { AdmitSigned } from "../members/index.ts";
import type { Publishers } from "../publishers/index.ts";
import type { RegistryDatabase } from "../tables.ts";
import type { ViewerOf } from "../viewing.ts";
import { affiliationRoutes, createAffiliations, isMemberByTenant } from "./affiliations/index.ts";
import type { IsMemberOf } from "./author.ts";
import { authorRoutes } from "./author-routes.ts";
import { createReviewListing } from "./listing.ts";
import { createModeration, moderationRoutes } from "./moderation/index.ts";
import { createOpinions } from "./opinions/index.ts";
import { createRatings } from "./ratings/index.ts";
import { readRoutes } from "./read-routes.ts";
import { createReplies } from "./replies/index.ts";
import { createReviews } from "./reviews.ts";
import { defaultReviewSettings, type ReviewSettings } from "./settings.ts";

export interface ReviewModule {
  routes: Route[];
  /** Brings stored scores in line with the settings. */
  start(): Promise<void>;
}

/** Ratings and reviews: what tenants say of plugins, what publishers answer, and what the operator takes down. */
export function createReviewModule(options: {
  db: RegistryDatabase;
  publishers: Publishers;
  admitSigned: AdmitSigned;
  now: () => Date;
  viewerOf: ViewerOf;
  settings?: ReviewSettings | undefined;
  /** Who belongs to a publisher. Default: who acts in a tenant that the operator linked to it. */
  isMemberOf?: IsMemberOf;
}): ReviewModule {
  const { db, publishers, admitSigned, now, viewerOf } = options;
  const { settings = defaultReviewSettings, isMemberOf = isMemberByTenant } = options;
  const ratings = createRatings({ db, prior: settings, now });
  const reviews = createReviews({ db, ratings, isMemberOf, settings, now });
  const listing = createReviewListing({ db, ratings });
  const opinions = createOpinions({ db, ratings, isMemberOf, now });
  const replies = createReplies({ db, ratings, publishers, admitSigned, now });
  const moderation = createModeration({ db, ratings, now });
  const affiliations = createAffiliations({ db, publishers, ratings, now });
  return {
    routes: [
      ...readRoutes({ listing, replies, viewerOf }),
      ...authorRoutes({ reviews, listing, opinions }),
      ...moderationRoutes(moderation),
      ...affiliationRoutes(affiliations),
    ],
    start: () => ratings.rescore(),
  };
}
