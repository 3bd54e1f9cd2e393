import { bulk } from "./bulk.ts";
import { queries } from "./queries.ts";
import { records } from "./records.ts";
import type { Scenario } from "./scenario.ts";
import { together } from "./together.ts";

export { type Answer, type Driver, Refusal, type Scenario, scenarioClock } from "./scenario.ts";

/** What is done with Salesforce, whoever does it: each in an org of its own, with nothing in it but its user. */
export const scenarios: Scenario[] = [...records, ...queries, ...together, ...bulk];

/** Orgs for all of them, with a token for each: `00Dscenario<n>!token`. */
export const scenarioToken = (index: number): string => `00Dscenario${index}!token`;
export const scenarioOrgs = {
  orgs: Object.fromEntries(scenarios.map((_, index) => [`scenario${index}`, {}])),
  accessTokens: Object.fromEntries(scenarios.map((_, index) => [scenarioToken(index), `scenario${index}`])),
};
