import { trigger } from "@plugboard/plugin-sdk";
import { getFromStripe } from "../api/request.ts";
import { Customer, type StripeCustomer, toCustomer } from "../customer.ts";

export const newCustomer = trigger({
  title: "New customer",
  description: "A customer was created in Stripe.",
  kind: "polling",
  intervalSeconds: 60,
  output: Customer,
  dedupeKey: ({ id }) => id,
  async poll({ cursor, fetch }) {
    const { since, after, newest } = readCursor(cursor);
    const page = await getFromStripe<{ data: StripeCustomer[]; has_more: boolean }>({ fetch }, "/customers", {
      limit: 100,
      created: { gte: since },
      starting_after: after,
    });
    const last = page.data.at(-1)?.id;
    // Stripe lists the newest first, so the first page has the time to go on from, once the last was read.
    const next = Math.max(newest, page.data[0]?.created ?? 0);
    const hasMore = page.has_more && last !== undefined;
    return {
      items: page.data.map(toCustomer).reverse(),
      cursor: hasMore ? `${since}/${next}/${last}` : `${next}`,
      hasMore,
    };
  },
});

/** `<since>`, or within a list that has more pages `<since>/<newest>/<last id>`; times in seconds since 1970. */
function readCursor(cursor: string | null): { since: number; newest: number; after: string | undefined } {
  const [since = "0", newest = since, after] = (cursor ?? "0").split("/");
  return { since: Number(since), newest: Number(newest), after };
}
