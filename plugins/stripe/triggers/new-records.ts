import { type Trigger, trigger } from "@plugboard/plugin-sdk";
import { pageAfter } from "../api/lists.ts";
import { openStripe } from "../api/stripe.ts";
import type { Resource } from "../resource/resource.ts";

/** New records of a resource, for whom webhooks do not reach: asks every minute. */
export function newRecords(resource: Resource): Trigger {
  const what = resource.title.toLowerCase();
  return trigger({
    title: `New ${what}`,
    description: `A ${what} was created in Stripe. Asks every minute.`,
    kind: "polling",
    intervalSeconds: 60,
    output: resource.schema,
    dedupeKey: (item) => (item as { id: string }).id,
    async poll({ cursor, startAt, ...context }) {
      const { since, after, newest } = readCursor(cursor ?? beginning(startAt));
      const params = { ...resource.wholeList, limit: 100, created: { gte: since } };
      const page = await pageAfter(openStripe(context), resource.path, params, after);
      const last = page.data.at(-1)?.id;
      // Stripe lists the newest first, so the first page has the time to go on from, once the last was read.
      const next = Math.max(newest, Number(page.data[0]?.created ?? 0));
      const hasMore = page.has_more && last !== undefined;
      return {
        items: page.data.map(resource.read).reverse() as never[],
        cursor: hasMore ? `${since}/${next}/${last}` : `${next}`,
        hasMore,
      };
    },
  }) as Trigger;
}

/** Stripe's clock may be behind ours. What is seen for that is remembered, and not told. */
const clockSkewSeconds = 300;

/** The first cursor. What is older than a tenant wants is not read: an account may have millions. */
function beginning(startAt: "now" | "beginning"): string {
  return startAt === "now" ? `${Math.floor(Date.now() / 1000) - clockSkewSeconds}` : "0";
}

/** `<since>`, or within a list that has more pages `<since>/<newest>/<last id>`; times in seconds since 1970. */
function readCursor(cursor: string): { since: number; newest: number; after: string | undefined } {
  const [since = "0", newest = since, after] = cursor.split("/");
  return { since: Number(since), newest: Number(newest), after };
}
