import { billing } from "./billing.ts";
import { catalog } from "./catalog.ts";
import { checkout } from "./checkout.ts";
import { payments } from "./payments.ts";
import { requests } from "./requests.ts";
import type { Scenario } from "./scenario.ts";

export { type Answer, type Driver, Refusal, type Scenario } from "./scenario.ts";

/** What is done with Stripe, whoever does it: each in an account of its own, with nothing in it. */
export const scenarios: Scenario[] = [...catalog, ...payments, ...billing, ...checkout, ...requests];
