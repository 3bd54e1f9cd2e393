export { createReviewModule } from "./create-reviews.ts";
export { parseReviewSettings, type ReviewSettings } from "./settings.ts";
