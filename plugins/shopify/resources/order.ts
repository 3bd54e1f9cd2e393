import { entity, InvalidInputError, type Static, Type } from "@plugboard/plugin-sdk";
import { idOf } from "../api/ids.ts";
import { get, list, write } from "../api/records.ts";
import { search } from "../api/search.ts";
import {
  Address,
  AddressInput,
  Amount,
  addressFields,
  Id,
  Key,
  MaybeText,
  MaybeTime,
  Money,
  queryFilter,
  Tags,
  Text,
  Time,
} from "../api/shapes.ts";
import { refuseLater } from "./create-only.ts";

const fields = `fragment Order on Order {
  id name email phone note tags poNumber test currencyCode cancelReason cancelledAt closedAt processedAt createdAt updatedAt
  financialStatus: displayFinancialStatus fulfillmentStatus: displayFulfillmentStatus
  totalPriceSet { shopMoney { amount currencyCode } } customer { id } shippingAddress { ${addressFields} }
}`;
/** An order with what was bought: so much costs more than a list of orders may. */
const wholeFields = `fragment WholeOrder on Order {
  ...Order
  lineItems(first: 100) {
    nodes {
      id title variantTitle sku quantity currentQuantity unfulfilledQuantity
      variant { id } originalUnitPriceSet { shopMoney { amount currencyCode } }
    }
  }
} ${fields}`;

export const documents = {
  list: `query ListOrders($first: Int!, $after: String, $query: String, $sortKey: OrderSortKeys) {
    records: orders(first: $first, after: $after, query: $query, sortKey: $sortKey) {
      nodes { ...Order } pageInfo { hasNextPage endCursor }
    }
  } ${fields}`,
  get: `query GetOrder($id: ID!) { record: order(id: $id) { ...WholeOrder } } ${wholeFields}`,
  create: `mutation CreateOrder($order: OrderCreateOrderInput!, $options: OrderCreateOptionsInput) {
    written: orderCreate(order: $order, options: $options) {
      record: order { ...WholeOrder } userErrors { field message code }
    }
  } ${wholeFields}`,
  update: `mutation UpdateOrder($input: OrderInput!) {
    written: orderUpdate(input: $input) { record: order { ...WholeOrder } userErrors { field message } }
  } ${wholeFields}`,
  remove: `mutation DeleteOrder($id: ID!) {
    written: orderDelete(orderId: $id) { record: deletedId userErrors { field message code } }
  }`,
};

const LineItem = Type.Object({
  id: Id,
  variantId: Type.Nullable(Id),
  title: Text,
  variantTitle: MaybeText,
  sku: MaybeText,
  quantity: Type.Integer(),
  currentQuantity: Type.Integer({ description: "Without what was refunded or removed" }),
  unfulfilledQuantity: Type.Integer(),
  unitPrice: Money,
});

export const Order = Type.Object({
  id: Id,
  name: Type.String({ description: "As customers know it, such as #1001" }),
  email: MaybeText,
  phone: MaybeText,
  note: MaybeText,
  tags: Type.Array(Text),
  poNumber: MaybeText,
  test: Type.Boolean(),
  financialStatus: MaybeText,
  fulfillmentStatus: Text,
  currencyCode: Text,
  totalPrice: Text,
  customerId: Type.Nullable(Id),
  shippingAddress: Type.Nullable(Address),
  lineItems: Type.Optional(
    Type.Array(LineItem, { description: "The first 100; where one order is read, not in lists" }),
  ),
  cancelReason: MaybeText,
  cancelledAt: MaybeTime,
  closedAt: MaybeTime,
  processedAt: Time,
  createdAt: Time,
  updatedAt: Time,
});
type Order = Static<typeof Order>;

const optionalText = Type.Optional(Type.String({ maxLength: 255 }));

const OrderInput = Type.Object({
  email: Type.Optional(Type.String({ format: "email", maxLength: 255 })),
  phone: optionalText,
  note: Type.Optional(Type.String({ maxLength: 5000 })),
  poNumber: optionalText,
  tags: Type.Optional(Tags),
  shippingAddress: Type.Optional(AddressInput),
  customAttributes: Type.Optional(Type.Array(Type.Object({ key: Text, value: Text }), { maxItems: 100 })),
  lineItems: Type.Optional(
    Type.Array(
      Type.Object({
        variantId: Type.Optional(Key),
        title: Type.Optional(Type.String({ maxLength: 255, description: "Of what is no product" })),
        price: Type.Optional(Amount),
        quantity: Type.Integer({ minimum: 1, maximum: 1_000_000 }),
      }),
      { minItems: 1, maxItems: 250, description: "Required when the order is created, and fixed afterwards" },
    ),
  ),
  currency: Type.Optional(Type.String({ pattern: "^[A-Z]{3}$" })),
  customerId: Type.Optional(Key),
  financialStatus: Type.Optional(Type.Enum(["AUTHORIZED", "PAID", "PENDING"])),
  inventory: Type.Optional(
    Type.Enum(["BYPASS", "DECREMENT_IGNORING_POLICY", "DECREMENT_OBEYING_POLICY"], {
      description: "What becomes of the stock. Default BYPASS",
    }),
  ),
  sendReceipt: Type.Optional(Type.Boolean()),
  test: Type.Optional(Type.Boolean()),
});
type OrderInput = Static<typeof OrderInput>;

/** An order as Shopify nests it. */
export type OrderNode = Omit<Order, "totalPrice" | "customerId" | "lineItems"> & {
  totalPriceSet: { shopMoney: Static<typeof Money> };
  customer: { id: string } | null;
  lineItems?: {
    nodes: (Omit<Static<typeof LineItem>, "variantId" | "unitPrice"> & {
      variant: { id: string } | null;
      originalUnitPriceSet: { shopMoney: Static<typeof Money> };
    })[];
  };
};

export const toOrder = ({ totalPriceSet, customer, lineItems, ...rest }: OrderNode): Order => ({
  ...rest,
  totalPrice: totalPriceSet.shopMoney.amount,
  customerId: customer?.id ?? null,
  ...(lineItems && {
    lineItems: lineItems.nodes.map(({ variant, originalUnitPriceSet, ...item }) => ({
      ...item,
      variantId: variant?.id ?? null,
      unitPrice: originalUnitPriceSet.shopMoney,
    })),
  }),
});

/** Records that fit within what one query may cost. */
const mostOrders = 150;

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Order */
export const order = entity({
  title: "Order",
  description:
    "Shopify shows apps the orders of the last 60 days, unless it has granted them read_all_orders.",
  schema: Order,
  key: "id",
  updatedAt: "updatedAt",
  input: OrderInput,
  filter: Type.Object({
    status: Type.Optional(Type.Enum(["open", "closed", "cancelled"])),
    financialStatus: Type.Optional(Text),
    fulfillmentStatus: Type.Optional(Text),
    email: Type.Optional(Text),
    name: Type.Optional(Text),
    tag: Type.Optional(Text),
    ...queryFilter,
  }),

  async list({ cursor, limit, filter, updatedSince, ...admin }) {
    const { financialStatus, fulfillmentStatus, query, ...terms } = filter;
    const { items, nextCursor } = await list<OrderNode>(admin, documents.list, {
      cursor,
      limit,
      most: mostOrders,
      sortKey: updatedSince ? "UPDATED_AT" : "ID",
      query: search({
        terms: { ...terms, financial_status: financialStatus, fulfillment_status: fulfillmentStatus },
        updatedSince,
        query,
      }),
    });
    return { items: items.map(toOrder), nextCursor };
  },

  get: async ({ key, ...admin }) => toOrder(await get<OrderNode>(admin, documents.get, idOf("Order", key))),

  create: async ({ record, ...admin }) =>
    toOrder(await write<OrderNode>(admin, documents.create, toCreation(record))),

  async update({ key, changes, ...admin }) {
    const input = refuseLater(
      changes,
      ["lineItems", "currency", "customerId", "financialStatus", "inventory", "sendReceipt", "test"],
      "An order's contents are fixed once it is placed.",
    );
    return toOrder(
      await write<OrderNode>(admin, documents.update, { input: { ...input, id: idOf("Order", key) } }),
    );
  },

  async remove({ key, ...admin }) {
    await write(admin, documents.remove, { id: idOf("Order", key) });
  },
});

function toCreation({ lineItems, customerId, inventory, sendReceipt, ...rest }: OrderInput) {
  if (!lineItems) throw new InvalidInputError("lineItems is missing: an order is of something.");
  const { currency } = rest;
  return {
    order: {
      ...rest,
      ...(customerId !== undefined && {
        customer: { toAssociate: { id: idOf("Customer", customerId) } },
      }),
      lineItems: lineItems.map(({ variantId, title, price, quantity }) => {
        if (price !== undefined && currency === undefined)
          throw new InvalidInputError("currency is missing: a price of your own has one.");
        return {
          quantity,
          ...(variantId !== undefined && { variantId: idOf("ProductVariant", variantId) }),
          ...(title !== undefined && { title }),
          ...(price !== undefined && { priceSet: { shopMoney: { amount: price, currencyCode: currency } } }),
        };
      }),
    },
    options: { ...(inventory && { inventoryBehaviour: inventory }), ...(sendReceipt && { sendReceipt }) },
  };
}
