import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type ListArguments, type Listing, listed } from "./list.ts";
import { firstLocation } from "./locations.ts";
import { now } from "./now.ts";
import type { Order } from "./orders.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/FulfillmentOrder, the part that is kept. */
export interface FulfillmentOrder {
  id: string;
  orderId: string;
  locationId: string;
  status: string;
  requestStatus: string;
  fulfillAt: string | null;
  lineItems: FulfillmentOrderLine[];
  createdAt: string;
  updatedAt: string;
}

export interface FulfillmentOrderLine {
  id: string;
  orderLineId: string;
  total: number;
  remaining: number;
}

export const fulfillmentOrdersOf = ({ tables }: Shop, orderId: string): FulfillmentOrder[] =>
  [...tables.FulfillmentOrder.values()].filter((one) => one.orderId === orderId);

/** All of an order is sent from the first location. */
export function addFulfillmentOrder(context: ResolverContext, { id: orderId, lineItems }: Order): void {
  const { shop } = context;
  const at = now(context);
  const row: FulfillmentOrder = {
    id: shop.newId("FulfillmentOrder"),
    orderId,
    locationId: firstLocation(shop).id,
    status: "OPEN",
    requestStatus: "UNSUBMITTED",
    fulfillAt: at,
    lineItems: lineItems.map(({ id, quantity }) => ({
      id: shop.newId("FulfillmentOrderLineItem"),
      orderLineId: id,
      total: quantity,
      remaining: quantity,
    })),
    createdAt: at,
    updatedAt: at,
  };
  shop.tables.FulfillmentOrder.set(row.id, row);
}

const listing: Listing<FulfillmentOrder> = {
  fields: { status: ({ status }) => status },
  text: ({ status }) => status,
};

interface Line extends FulfillmentOrderLine {
  order: Order | undefined;
  createdAt: string;
  updatedAt: string;
}

const orderLine = ({ order, orderLineId }: Line) => {
  const line = order?.lineItems.find(({ id }) => id === orderLineId);
  return line && { ...line, order };
};

export const fulfillmentOrderResolvers: Resolvers = {
  QueryRoot: {
    fulfillmentOrder: (_source, { id }: { id: string }, { shop }) =>
      shop.tables.FulfillmentOrder.get(id) ?? null,
    fulfillmentOrders: (_source, args: ListArguments & { includeClosed?: boolean }, context) => {
      const all = [...context.shop.tables.FulfillmentOrder.values()];
      return listed(
        args.includeClosed ? all : all.filter(({ status }) => status !== "CLOSED"),
        args,
        listing,
        context,
      );
    },
  },
  Order: {
    fulfillmentOrders: ({ id }: Order, args: ListArguments, context) =>
      listed(fulfillmentOrdersOf(context.shop, id), args, listing, context),
  },
  FulfillmentOrder: {
    order: ({ orderId }: FulfillmentOrder, _args, { shop }) => shop.tables.Order.get(orderId),
    orderName: ({ orderId }: FulfillmentOrder, _args, { shop }) => shop.tables.Order.get(orderId)?.name,
    assignedLocation: ({ locationId }: FulfillmentOrder, _args, { shop }) => {
      const location = shop.tables.Location.get(locationId);
      return { name: location?.name, location };
    },
    lineItems: ({ lineItems, orderId }: FulfillmentOrder, args: ListArguments, context) => {
      const order = context.shop.tables.Order.get(orderId);
      const rows: Line[] = lineItems.map((line) => ({ ...line, order, createdAt: "", updatedAt: "" }));
      return listed(rows, args, { fields: {}, text: () => "" }, context);
    },
  },
  FulfillmentOrderLineItem: {
    totalQuantity: ({ total }: Line) => total,
    remainingQuantity: ({ remaining }: Line) => remaining,
    lineItem: orderLine,
    productTitle: (line: Line) => orderLine(line)?.title,
    variantTitle: (line: Line) => orderLine(line)?.variantTitle ?? null,
    sku: (line: Line) => orderLine(line)?.sku ?? null,
  },
};
