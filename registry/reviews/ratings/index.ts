export type { Rating } from "./rating.ts";
export { createRatings, type Ratings } from "./ratings.ts";
