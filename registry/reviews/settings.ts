import { type Static, Type } from "typebox";
import { Check } from "typebox/value";

const count = (description: string) => Type.Integer({ minimum: 1, maximum: 1_000_000, description });

const ReviewSettings = Type.Object(
  {
    /** What a plugin is taken for before anybody rated it, and how many reviews that opinion weighs. */
    priorMean: Type.Number({ minimum: 1, maximum: 5 }),
    priorWeight: Type.Number({ minimum: 0, maximum: 1_000_000 }),
    /** In what time reviews are counted. */
    floodWindowMinutes: count("Minutes."),
    /** How many times the usual is still usual. */
    floodFactor: Type.Number({ minimum: 1, maximum: 1_000_000 }),
    /** How many reviews of one plugin in that time are never too many: of all, … */
    perPlugin: count("Reviews."),
    /** … of one host's tenants, … */
    perHost: count("Reviews."),
    /** … of authors in one tenant, … */
    perTenant: count("Reviews."),
    /** … and of tenants that installed the plugin only within the last hours. */
    perNewcomers: count("Reviews."),
    newcomerHours: count("Hours."),
  },
  { additionalProperties: false },
);

/** How reviews weigh, and when there are suspiciously many; see docs/reviews-and-pricing.md. */
export type ReviewSettings = Static<typeof ReviewSettings>;

export const defaultReviewSettings: ReviewSettings = {
  priorMean: 3.5,
  priorWeight: 10,
  floodWindowMinutes: 60,
  floodFactor: 5,
  perPlugin: 20,
  perHost: 15,
  perTenant: 3,
  perNewcomers: 5,
  newcomerHours: 24,
};

/** Reads the settings an operator gives; those not given have their default. @throws TypeError if they are none */
export function parseReviewSettings(text: string): ReviewSettings {
  const given: unknown = JSON.parse(text);
  if (typeof given !== "object" || given === null || Array.isArray(given)) {
    throw new TypeError("Review settings are a JSON object.");
  }
  const settings = { ...defaultReviewSettings, ...given };
  if (!Check(ReviewSettings, settings))
    throw new TypeError("A review setting is unknown or out of its range.");
  return settings;
}
