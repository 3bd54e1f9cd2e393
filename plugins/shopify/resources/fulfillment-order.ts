import { action, entity, pageOf, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { get, list, listOf } from "../api/records.ts";
import { search } from "../api/search.ts";
import {
  Id,
  Key,
  MaybeText,
  MaybeTime,
  pageFields,
  pageLimits,
  queryFilter,
  Text,
  Time,
} from "../api/shapes.ts";

const fields = `fragment FulfillmentOrder on FulfillmentOrder {
  id status requestStatus orderId orderName fulfillAt createdAt updatedAt assignedLocation { name location { id } }
}`;
/** With what is to be sent: so much costs more than a long list may. */
const wholeFields = `fragment WholeFulfillmentOrder on FulfillmentOrder {
  ...FulfillmentOrder
  lineItems(first: 100) { nodes { id productTitle variantTitle sku totalQuantity remainingQuantity lineItem { id } } }
} ${fields}`;

export const documents = {
  list: `query ListFulfillmentOrders($first: Int!, $after: String, $query: String, $includeClosed: Boolean) {
    records: fulfillmentOrders(first: $first, after: $after, query: $query, includeClosed: $includeClosed) {
      nodes { ...FulfillmentOrder } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  ofOrder: `query ListFulfillmentOrdersOfOrder($id: ID!, $first: Int!, $after: String) {
    record: order(id: $id) {
      records: fulfillmentOrders(first: $first, after: $after) {
        nodes { ...WholeFulfillmentOrder } pageInfo { hasNextPage endCursor }
      }
    }
  } ${wholeFields}`,
  get: `query GetFulfillmentOrder($id: ID!) {
    record: fulfillmentOrder(id: $id) { ...WholeFulfillmentOrder }
  } ${wholeFields}`,
};

const FulfillmentOrder = Type.Object({
  id: Id,
  orderId: Id,
  orderName: Text,
  status: Type.String({
    description: "OPEN, IN_PROGRESS, SCHEDULED, ON_HOLD, INCOMPLETE, CANCELLED or CLOSED",
  }),
  requestStatus: Text,
  locationId: Type.Nullable(Id),
  locationName: Text,
  lineItems: Type.Optional(
    Type.Array(
      Type.Object({
        id: Id,
        orderLineItemId: Id,
        productTitle: Text,
        variantTitle: MaybeText,
        sku: MaybeText,
        totalQuantity: Type.Integer(),
        remainingQuantity: Type.Integer(),
      }),
      { description: "The first 100; where they are read one by one or of an order, not in lists of all" },
    ),
  ),
  fulfillAt: MaybeTime,
  createdAt: Time,
  updatedAt: Time,
});
type FulfillmentOrder = Static<typeof FulfillmentOrder>;

type Node = Omit<FulfillmentOrder, "locationId" | "locationName" | "lineItems"> & {
  assignedLocation: { name: string; location: { id: string } | null };
  lineItems?: {
    nodes: (Omit<NonNullable<FulfillmentOrder["lineItems"]>[number], "orderLineItemId"> & {
      lineItem: { id: string };
    })[];
  };
};

const toFulfillmentOrder = ({ assignedLocation, lineItems, ...rest }: Node): FulfillmentOrder => ({
  ...rest,
  locationId: assignedLocation.location?.id ?? null,
  locationName: assignedLocation.name,
  ...(lineItems && {
    lineItems: lineItems.nodes.map(({ lineItem, ...item }) => ({ ...item, orderLineItemId: lineItem.id })),
  }),
});

/** Records that fit within what one query may cost. */
const most = 200;

/** What of an order is to be sent from one place: https://shopify.dev/docs/api/admin-graphql/2026-10/objects/FulfillmentOrder */
export const fulfillmentOrder = entity({
  title: "Fulfillment order",
  schema: FulfillmentOrder,
  key: "id",
  updatedAt: "updatedAt",
  filter: Type.Object({ status: Type.Optional(Text), ...queryFilter }),

  async list({ cursor, limit, filter: { query, ...terms }, updatedSince, ...admin }) {
    const { items, nextCursor } = await list<Node>(admin, documents.list, {
      cursor,
      limit,
      most,
      includeClosed: true,
      query: search({ terms, updatedSince, query }),
    });
    return { items: items.map(toFulfillmentOrder), nextCursor };
  },

  get: async ({ key, ...admin }) =>
    toFulfillmentOrder(await get<Node>(admin, documents.get, idOf("FulfillmentOrder", key))),
});

/** With a hundred items each: so many fit within what one query may cost. */
const mostOfOrder = 4;

export const listFulfillmentOrdersOfOrder = action({
  title: "List the fulfillment orders of an order",
  description: "What is to be sent, from where, and how much of it remains.",
  input: Type.Object({ orderId: Key, ...pageFields }),
  output: pageOf(FulfillmentOrder),
  async run({ input: { orderId, limit = pageLimits.defaultLimit, cursor = null }, ...admin }) {
    const { items, nextCursor } = await listOf<Node>(admin, documents.ofOrder, {
      id: idOf("Order", orderId),
      limit,
      cursor,
      most: mostOfOrder,
    });
    return { items: items.map(toFulfillmentOrder), nextCursor };
  },
});
