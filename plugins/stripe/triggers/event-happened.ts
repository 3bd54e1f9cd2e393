import { Type, trigger } from "@plugboard/plugin-sdk";
import { eventsAfter, type StripeEvent } from "../api/events.ts";
import { words } from "../api/fields.ts";
import { openStripe, type StripeList, type StripeRecord } from "../api/stripe.ts";
import { event } from "../resources/index.ts";

const mostAtOnce = 100;

/** Any of Stripe's events, for whom webhooks do not reach. */
export const eventHappened = trigger({
  title: "Event happened",
  description:
    "Any of Stripe's events, by type (https://docs.stripe.com/api/events/types). Asks every minute.",
  kind: "polling",
  intervalSeconds: 60,
  config: Type.Object({
    types: Type.Array(words(100), { minItems: 1, maxItems: 20, description: "Such as invoice.paid" }),
  }),
  output: event.schema,
  dedupeKey: (item) => (item as { id: string }).id,
  async poll({ cursor, config: { types }, ...context }) {
    const stripe = openStripe(context);
    const told = (events: StripeEvent[]) =>
      events.map((one) => event.read(one as unknown as StripeRecord)) as never[];
    const page =
      cursor === null ? undefined : await eventsAfter(stripe, { types, after: cursor, limit: mostAtOnce });
    if (page)
      return { items: told(page.events), cursor: page.events.at(-1)?.id ?? cursor, hasMore: page.hasMore };
    // The first time, or away for so long that Stripe has forgotten: the newest are told, oldest first.
    const { data } = await stripe.get<StripeList<StripeEvent>>("/events", { types, limit: mostAtOnce });
    return { items: told(data.reverse()), cursor: data.at(-1)?.id ?? null };
  },
});
