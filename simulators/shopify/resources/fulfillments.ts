import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import { type FulfillmentOrder, fulfillmentOrdersOf } from "./fulfillment-orders.ts";
import { numberIn } from "./list.ts";
import { now } from "./now.ts";
import { type Order, saveOrder } from "./orders.ts";
import { fulfillmentPayload } from "./rest.ts";
import { type UserError, userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Fulfillment, the part that is kept. */
export interface Fulfillment {
  id: string;
  orderId: string;
  name: string;
  status: string;
  displayStatus: string;
  trackingInfo: { company: string | null; number: string | null; url: string | null }[];
  /** How much of which line of which fulfillment order. */
  sent: { fulfillmentOrderId: string; lineId: string; quantity: number }[];
  createdAt: string;
  updatedAt: string;
}

interface TrackingInput {
  company?: string | null;
  number?: string | null;
  numbers?: string[] | null;
  url?: string | null;
  urls?: string[] | null;
}

interface FulfillmentInput {
  lineItemsByFulfillmentOrder: {
    fulfillmentOrderId: string;
    fulfillmentOrderLineItems?: { id: string; quantity: number }[] | null;
  }[];
  trackingInfo?: TrackingInput | null;
}

function toTracking({ company = null, number, numbers, url, urls }: TrackingInput) {
  const all = numbers ?? (number ? [number] : []);
  const links = urls ?? (url ? [url] : []);
  return Array.from({ length: Math.max(all.length, links.length) }, (_, index) => ({
    company,
    number: all[index] ?? null,
    url: links[index] ?? null,
  }));
}

function create(context: ResolverContext, input: FulfillmentInput) {
  const { shop } = context;
  const userErrors: UserError[] = [];
  const refuse = (message: string) => userErrors.push(userError(["fulfillment"], message));
  const sent = input.lineItemsByFulfillmentOrder.flatMap(
    ({ fulfillmentOrderId, fulfillmentOrderLineItems }) => {
      const from = shop.tables.FulfillmentOrder.get(fulfillmentOrderId);
      if (!from) refuse("Fulfillment order does not exist.");
      else if (!["OPEN", "IN_PROGRESS"].includes(from.status))
        refuse(
          `Fulfillment order ${numberIn(from.id)} has an unfulfillable status= ${from.status.toLowerCase()}.`,
        );
      const wanted =
        fulfillmentOrderLineItems ??
        (from?.lineItems ?? []).map(({ id, remaining }) => ({ id, quantity: remaining }));
      return wanted.flatMap(({ id, quantity }) => {
        const line = from?.lineItems.find((one) => one.id === id);
        if (from && !line) refuse("Fulfillment order line item does not exist.");
        else if (line && quantity > line.remaining)
          refuse("Invalid fulfillment order line item quantity requested.");
        return quantity > 0 ? [{ fulfillmentOrderId, lineId: id, quantity }] : [];
      });
    },
  );
  const orders = new Set(
    input.lineItemsByFulfillmentOrder.map(
      ({ fulfillmentOrderId }) => shop.tables.FulfillmentOrder.get(fulfillmentOrderId)?.orderId,
    ),
  );
  const [orderId] = orders;
  const order = shop.tables.Order.get(orderId ?? "");
  if (userErrors.length === 0 && (orders.size !== 1 || !order))
    refuse("All fulfillment orders must belong to the same order.");
  if (userErrors.length > 0 || !order) return { fulfillment: null, userErrors };

  const at = now(context);
  const number = [...shop.tables.Fulfillment.values()].filter((one) => one.orderId === order.id).length + 1;
  const fulfillment: Fulfillment = {
    id: shop.newId("Fulfillment"),
    orderId: order.id,
    name: `${order.name}.${number}`,
    status: "SUCCESS",
    displayStatus: "FULFILLED",
    trackingInfo: input.trackingInfo ? toTracking(input.trackingInfo) : [],
    sent,
    createdAt: at,
    updatedAt: at,
  };
  shop.tables.Fulfillment.set(fulfillment.id, fulfillment);
  move(context, fulfillment, -1);
  context.tell("fulfillments/create", fulfillmentPayload(fulfillment));
  return { fulfillment, userErrors };
}

/** Takes what was sent from what remains (-1), or gives it back (1); the order follows. */
function move(context: ResolverContext, { sent, orderId }: Fulfillment, sign: 1 | -1): void {
  const { tables } = context.shop;
  for (const { fulfillmentOrderId, lineId, quantity } of sent) {
    const from = tables.FulfillmentOrder.get(fulfillmentOrderId);
    if (!from) continue;
    const lineItems = from.lineItems.map((line) =>
      line.id === lineId ? { ...line, remaining: line.remaining + sign * quantity } : line,
    );
    const changed = { ...from, lineItems, updatedAt: now(context) };
    tables.FulfillmentOrder.set(from.id, { ...changed, status: statusOf(changed) });
  }
  const order = tables.Order.get(orderId);
  if (order) followOrder(context, order);
}

function followOrder(context: ResolverContext, order: Order): void {
  const lines = fulfillmentOrdersOf(context.shop, order.id).flatMap(({ lineItems }) => lineItems);
  const fulfillmentStatus = progress(lines);
  const topic = {
    FULFILLED: "orders/fulfilled",
    PARTIALLY_FULFILLED: "orders/partially_fulfilled",
    UNFULFILLED: undefined,
  }[fulfillmentStatus];
  saveOrder(context, order, { fulfillmentStatus }, ...(topic === undefined ? [] : [topic]));
}

type Progress = "FULFILLED" | "UNFULFILLED" | "PARTIALLY_FULFILLED";

const progress = (lines: FulfillmentOrder["lineItems"]): Progress =>
  lines.every(({ remaining }) => remaining === 0)
    ? "FULFILLED"
    : lines.every(({ remaining, total }) => remaining === total)
      ? "UNFULFILLED"
      : "PARTIALLY_FULFILLED";

const statusOf = ({ lineItems }: FulfillmentOrder): string =>
  ({ FULFILLED: "CLOSED", UNFULFILLED: "OPEN", PARTIALLY_FULFILLED: "IN_PROGRESS" })[progress(lineItems)];

const noFulfillment = (field: string) => userError([field], "Fulfillment does not exist");

export const fulfillmentResolvers: Resolvers = {
  QueryRoot: {
    fulfillment: (_source, { id }: { id: string }, { shop }) => shop.tables.Fulfillment.get(id) ?? null,
  },
  Order: {
    fulfillments: ({ id }: Order, { first }: { first?: number | null }, { shop }) =>
      [...shop.tables.Fulfillment.values()]
        .filter(({ orderId }) => orderId === id)
        .slice(0, first ?? undefined),
  },
  Fulfillment: {
    order: ({ orderId }: Fulfillment, _args, { shop }) => shop.tables.Order.get(orderId),
    totalQuantity: ({ sent }: Fulfillment) => sent.reduce((sum, { quantity }) => sum + quantity, 0),
  },
  Mutation: {
    fulfillmentCreate: (_source, { fulfillment }: { fulfillment: FulfillmentInput }, context) =>
      create(context, fulfillment),
    fulfillmentTrackingInfoUpdate(
      _source,
      args: { fulfillmentId: string; trackingInfoInput: TrackingInput },
      context,
    ) {
      const known = context.shop.tables.Fulfillment.get(args.fulfillmentId);
      if (!known) return { fulfillment: null, userErrors: [noFulfillment("fulfillmentId")] };
      const trackingInfo = toTracking(args.trackingInfoInput);
      const fulfillment = { ...known, trackingInfo, updatedAt: now(context) };
      context.shop.tables.Fulfillment.set(known.id, fulfillment);
      context.tell("fulfillments/update", fulfillmentPayload(fulfillment));
      return { fulfillment, userErrors: [] };
    },
    fulfillmentCancel(_source, { id }: { id: string }, context) {
      const known = context.shop.tables.Fulfillment.get(id);
      if (!known) return { fulfillment: null, userErrors: [noFulfillment("id")] };
      if (known.status === "CANCELLED")
        return { fulfillment: known, userErrors: [userError(["id"], "Fulfillment is already cancelled")] };
      const fulfillment = {
        ...known,
        status: "CANCELLED",
        displayStatus: "CANCELED",
        updatedAt: now(context),
      };
      context.shop.tables.Fulfillment.set(id, fulfillment);
      move(context, fulfillment, 1);
      context.tell("fulfillments/update", fulfillmentPayload(fulfillment));
      return { fulfillment, userErrors: [] };
    },
  },
};
