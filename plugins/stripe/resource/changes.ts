import type { Change, Changes, ChangesContext } from "@plugboard/plugin-sdk";
import { eventsAfter, newestEvent, type StripeEvent } from "../api/events.ts";
import { pageAfter } from "../api/lists.ts";
import { openStripe, type Stripe, stripeVersion } from "../api/stripe.ts";
import type { Resource } from "./resource.ts";

const mostAtOnce = 100;

/**
 * What was changed: all records first, then what Stripe's events tell since before that began. Stripe forgets events after
 * 30 days; whoever was away for longer begins with all records anew, and does not hear of what was deleted meanwhile.
 *
 * The cursor is `all/<event>/<last record>` while the records are listed, then `since/<event>`.
 */
export async function changesSince(
  resource: Resource,
  { cursor, limit, ...context }: ChangesContext<unknown>,
): Promise<Changes<{ id: string }>> {
  const stripe = openStripe(context);
  const [phase, event = "", last] = (cursor ?? "").split("/");
  const most = Math.min(limit, mostAtOnce);
  if (phase === "since" && event !== "") {
    const page = await eventsAfter(stripe, { types: resource.events, after: event, limit: most });
    if (page) {
      const newest = page.events.at(-1)?.id ?? event;
      return { changes: toChanges(resource, page.events), cursor: `since/${newest}`, hasMore: page.hasMore };
    }
  }
  if (phase === "all") return listOn(resource, stripe, { event, last, limit: most });
  return listOn(resource, stripe, { event: (await newestEvent(stripe, resource.events)) ?? "", limit: most });
}

async function listOn(
  resource: Resource,
  stripe: Stripe,
  o: { event: string; last?: string | undefined; limit: number },
): Promise<Changes<{ id: string }>> {
  const params = { ...resource.wholeList, limit: o.limit };
  const page = await pageAfter(stripe, resource.path, params, o.last);
  const changes = page.data.map(
    (one): Change<{ id: string }> => ({ op: "upsert", key: one.id, record: resource.read(one) }),
  );
  const last = page.data.at(-1)?.id;
  if (page.has_more && last !== undefined)
    return { changes, cursor: `all/${o.event}/${last}`, hasMore: true };
  return { changes, cursor: `since/${o.event}`, hasMore: false };
}

/** The last of what happened to each record. One that is not in our version is to be read anew. */
function toChanges(resource: Resource, events: StripeEvent[]): Change<{ id: string }>[] {
  const latest = new Map<string, StripeEvent>();
  for (const event of events) {
    latest.delete(event.data.object.id);
    latest.set(event.data.object.id, event);
  }
  return [...latest].map(([key, { type, api_version, data }]) => {
    if (resource.removedBy?.includes(type)) return { op: "remove", key };
    return {
      op: "upsert",
      key,
      ...(api_version === stripeVersion && { record: resource.read(data.object) }),
    };
  });
}
