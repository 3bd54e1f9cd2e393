import type { ResolverContext } from "../graphql/execute.ts";
import type { Resolvers } from "../graphql/resolve.ts";
import type { Shop } from "../shops.ts";
import { type Address, type AddressInput, toAddress } from "./address.ts";
import { fulfillmentOrdersOf } from "./fulfillment-orders.ts";
import { changeAmount } from "./inventory.ts";
import { refuseUnknown } from "./known.ts";
import { type ListArguments, type Listing, listed, numberIn } from "./list.ts";
import { now } from "./now.ts";
import { type OrderCreateInput, placeOrder } from "./order-create.ts";
import { orderPayload } from "./rest.ts";
import { userError } from "./user-error.ts";

/** https://shopify.dev/docs/api/admin-graphql/2026-10/objects/Order, the part that is kept. */
export interface Order {
  id: string;
  name: string;
  email: string | null;
  phone: string | null;
  note: string | null;
  tags: string[];
  poNumber: string | null;
  test: boolean;
  financialStatus: string;
  fulfillmentStatus: string;
  currencyCode: string;
  totalPrice: string;
  customerId: string | null;
  shippingAddress: Address | null;
  lineItems: OrderLine[];
  /** What was taken from stock for it. */
  claims: { levelId: string; quantity: number }[];
  cancelReason: string | null;
  cancelledAt: string | null;
  closedAt: string | null;
  processedAt: string;
  createdAt: string;
  updatedAt: string;
}

export interface OrderLine {
  id: string;
  variantId: string | null;
  title: string;
  variantTitle: string | null;
  sku: string | null;
  quantity: number;
  unitPrice: string;
}

interface OrderUpdateInput {
  id: string;
  email?: string | null;
  phone?: string | null;
  note?: string | null;
  poNumber?: string | null;
  tags?: string[] | null;
  shippingAddress?: AddressInput | null;
}

const noOrder = userError(["id"], "Order does not exist");

const statusOf = ({ cancelledAt, closedAt }: Order) =>
  cancelledAt ? "cancelled" : closedAt ? "closed" : "open";

const listing: Listing<Order> = {
  fields: {
    name: ({ name }) => name,
    email: ({ email }) => email,
    tag: ({ tags }) => tags,
    status: (order) => [statusOf(order), "any"],
    financial_status: ({ financialStatus }) => financialStatus,
    fulfillment_status: ({ fulfillmentStatus }) => fulfillmentStatus,
    customer_id: ({ customerId }) => (customerId === null ? null : numberIn(customerId)),
    processed_at: ({ processedAt }) => processedAt,
    test: ({ test }) => test,
    sku: ({ lineItems }) => lineItems.flatMap(({ sku }) => sku ?? []),
  },
  text: ({ name, email, note }) => [name, email, note].join(" "),
  sortKeys: { PROCESSED_AT: ({ processedAt }) => processedAt },
};

/** Keeps what changed, and tells of it. */
export function saveOrder(
  context: ResolverContext,
  order: Order,
  changes: Partial<Order>,
  ...topics: string[]
): Order {
  const saved = { ...order, ...changes, updatedAt: now(context) };
  context.shop.tables.Order.set(order.id, saved);
  for (const topic of [...topics, "orders/updated"]) context.tell(topic, orderPayload(saved));
  return saved;
}

const money = (amount: string, currencyCode: string) => ({
  shopMoney: { amount, currencyCode },
  presentmentMoney: { amount, currencyCode },
});

const unfulfilled = (shop: Shop, { id }: Order, line: OrderLine) =>
  fulfillmentOrdersOf(shop, id)
    .flatMap(({ lineItems }) => lineItems)
    .filter(({ orderLineId }) => orderLineId === line.id)
    .reduce((sum, { remaining }) => sum + remaining, 0);

export const orderResolvers: Resolvers = {
  QueryRoot: {
    order: (_source, { id }: { id: string }, { shop }) => shop.tables.Order.get(id) ?? null,
    orders: (_source, args: ListArguments, context) =>
      listed(context.shop.tables.Order.values(), args, listing, context),
  },
  Order: {
    legacyResourceId: ({ id }: Order) => numberIn(id),
    displayFinancialStatus: ({ financialStatus }: Order) => financialStatus,
    displayFulfillmentStatus: ({ fulfillmentStatus }: Order) => fulfillmentStatus,
    closed: ({ closedAt }: Order) => closedAt !== null,
    totalPriceSet: ({ totalPrice, currencyCode }: Order) => money(totalPrice, currencyCode),
    customer: ({ customerId }: Order, _args, { shop }) => shop.tables.Customer.get(customerId ?? "") ?? null,
    lineItems: (order: Order, args: ListArguments, context) => {
      const rows = order.lineItems.map((line) => ({ ...line, order, createdAt: "", updatedAt: "" }));
      return listed(rows, args, { fields: {}, text: ({ title }) => title }, context);
    },
  },
  LineItem: {
    currentQuantity: ({ quantity }: OrderLine) => quantity,
    unfulfilledQuantity: (line: OrderLine & { order: Order }, _args, { shop }) =>
      unfulfilled(shop, line.order, line),
    variant: ({ variantId }: OrderLine, _args, { shop }) =>
      shop.tables.ProductVariant.get(variantId ?? "") ?? null,
    originalUnitPriceSet: ({ unitPrice, order }: OrderLine & { order: Order }) =>
      money(unitPrice, order.currencyCode),
  },
  Mutation: {
    orderCreate: (_source, args: OrderCreateInput, context) => placeOrder(context, args),
    orderUpdate(_source, { input }: { input: OrderUpdateInput }, context) {
      refuseUnknown("an order", input, "id email phone note poNumber tags shippingAddress");
      const { id, shippingAddress, ...rest } = input;
      const order = context.shop.tables.Order.get(id);
      if (!order) return { order: null, userErrors: [noOrder] };
      const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
      const changes: Partial<Order> = {
        ...given,
        ...(shippingAddress && {
          shippingAddress: toAddress(context.shop.newId("MailingAddress"), shippingAddress),
        }),
      };
      return { order: saveOrder(context, order, changes), userErrors: [] };
    },
    orderDelete(_source, { orderId }: { orderId: string }, context) {
      const { tables } = context.shop;
      if (!tables.Order.delete(orderId))
        return { deletedId: null, userErrors: [userError(["orderId"], "Order does not exist", "NOT_FOUND")] };
      for (const { id } of fulfillmentOrdersOf(context.shop, orderId)) tables.FulfillmentOrder.delete(id);
      context.tell("orders/delete", { id: Number(numberIn(orderId)) });
      return { deletedId: orderId, userErrors: [] };
    },
    orderClose: step((order, context) =>
      saveOrder(context, order, { closedAt: order.closedAt ?? now(context) }),
    ),
    orderOpen: step((order, context) => saveOrder(context, order, { closedAt: null })),
    orderMarkAsPaid: step((order, context) =>
      order.financialStatus === "PAID"
        ? "Order cannot be marked as paid."
        : saveOrder(context, order, { financialStatus: "PAID" }, "orders/paid"),
    ),
    orderCancel(_source, args: CancelArguments, context) {
      const { shop } = context;
      const order = shop.tables.Order.get(args.orderId);
      const refused = !order
        ? userError(["orderId"], "Order does not exist", "NOT_FOUND")
        : order.cancelledAt
          ? userError(["orderId"], "Cannot cancel an order that has already been canceled.", "INVALID")
          : order.fulfillmentStatus !== "UNFULFILLED" &&
            userError(["orderId"], "Cannot cancel an order that has fulfilled items.", "INVALID");
      if (refused || !order) return { job: null, orderCancelUserErrors: [refused], userErrors: [refused] };
      const isRefunded = args.refundMethod?.originalPaymentMethodsRefund === true || args.refund === true;
      const paid = order.financialStatus === "PAID";
      const at = now(context);
      const changes: Partial<Order> = {
        cancelledAt: at,
        closedAt: at,
        cancelReason: args.reason,
        financialStatus: paid ? (isRefunded ? "REFUNDED" : "PAID") : "VOIDED",
      };
      for (const one of fulfillmentOrdersOf(shop, order.id))
        shop.tables.FulfillmentOrder.set(one.id, { ...one, status: "CANCELLED", updatedAt: at });
      if (args.restock)
        for (const { levelId, quantity } of order.claims) {
          const level = shop.tables.InventoryLevel.get(levelId);
          if (level) changeAmount(context, level, "available", quantity);
        }
      saveOrder(context, order, { ...changes, claims: [] }, "orders/cancelled");
      return {
        job: { id: shop.newId("Job"), done: false },
        orderCancelUserErrors: [],
        userErrors: [],
      };
    },
  },
};

interface CancelArguments {
  orderId: string;
  reason: string;
  restock: boolean;
  refund?: boolean | null;
  refundMethod?: { originalPaymentMethodsRefund?: boolean | null } | null;
}

/** What is done with an order as a whole: the order as it is then, or why not. */
function step(run: (order: Order, context: ResolverContext) => Order | string) {
  return (_source: unknown, { input }: { input: { id: string } }, context: ResolverContext) => {
    const order = context.shop.tables.Order.get(input.id);
    if (!order) return { order: null, userErrors: [noOrder] };
    const done = run(order, context);
    return typeof done === "string"
      ? { order, userErrors: [userError(["id"], done)] }
      : { order: done, userErrors: [] };
  };
}
