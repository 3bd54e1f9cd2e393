import type { ResolverContext } from "../graphql/execute.ts";
import { type AddressInput, toAddress } from "./address.ts";
import { addFulfillmentOrder } from "./fulfillment-orders.ts";
import { available, changeAmount, levelAt } from "./inventory.ts";
import { refuseUnknown } from "./known.ts";
import { firstLocation } from "./locations.ts";
import { now } from "./now.ts";
import type { Order, OrderLine } from "./orders.ts";
import { orderPayload } from "./rest.ts";
import { type UserError, userError } from "./user-error.ts";
import { titleOf } from "./variants.ts";

/** The arguments of orderCreate, the part that is simulated. */
export interface OrderCreateInput {
  order: {
    email?: string | null;
    phone?: string | null;
    note?: string | null;
    poNumber?: string | null;
    tags?: string[] | null;
    test?: boolean | null;
    currency?: string | null;
    financialStatus?: string | null;
    customer?: { toAssociate?: { id?: string | null } | null } | null;
    shippingAddress?: AddressInput | null;
    lineItems?: LineInput[] | null;
  };
  options?: { inventoryBehaviour?: string | null } | null;
}

interface LineInput {
  variantId?: string | null;
  title?: string | null;
  quantity: number;
  priceSet?: { shopMoney: { amount: string; currencyCode: string } } | null;
}

export function placeOrder(context: ResolverContext, { order: input, options }: OrderCreateInput) {
  const { shop } = context;
  refuseUnknown(
    "an order",
    input,
    "email phone note poNumber tags test currency financialStatus customer shippingAddress lineItems taxesIncluded buyerAcceptsMarketing",
  );
  const userErrors: UserError[] = [];
  const refuse = (field: string[], message: string, code = "INVALID") =>
    userErrors.push(userError(["order", ...field], message, code));

  const customerId = input.customer?.toAssociate?.id ?? null;
  if (customerId !== null && !shop.tables.Customer.has(customerId))
    refuse(["customer", "toAssociate", "id"], "Customer does not exist");
  if (!input.lineItems?.length) refuse(["lineItems"], "Line items must have at least one line item");
  const lines = (input.lineItems ?? []).map((line, index) => {
    const at = ["lineItems", String(index)];
    const variant = line.variantId ? shop.tables.ProductVariant.get(line.variantId) : undefined;
    if (line.variantId && !variant) refuse([...at, "variantId"], "Product variant does not exist");
    if (!line.variantId && !line.title) refuse([...at, "title"], "Title can't be blank");
    return { line, variant };
  });
  const behaviour = options?.inventoryBehaviour ?? "BYPASS";
  if (behaviour === "DECREMENT_OBEYING_POLICY")
    for (const { line, variant } of lines)
      if (variant?.inventoryPolicy === "DENY" && available(shop, variant.inventoryItemId) < line.quantity)
        refuse(["lineItems"], "Unable to claim inventory", "INVENTORY_CLAIM_FAILED");
  if (userErrors.length > 0) return { order: null, userErrors };

  const at = now(context);
  const lineItems = lines.map(
    ({ line, variant }): OrderLine => ({
      id: shop.newId("LineItem"),
      variantId: variant?.id ?? null,
      title: line.title ?? shop.tables.Product.get(variant?.productId ?? "")?.title ?? "",
      variantTitle: variant ? titleOf(variant) : null,
      sku: variant ? (shop.tables.InventoryItem.get(variant.inventoryItemId)?.sku ?? null) : null,
      quantity: line.quantity,
      unitPrice: Number(line.priceSet?.shopMoney.amount ?? variant?.price ?? 0).toFixed(2),
    }),
  );
  const { email = null, phone = null, note = null, poNumber = null } = input;
  const order: Order = {
    id: shop.newId("Order"),
    name: `#${1001 + shop.ordersPlaced++}`,
    email,
    phone,
    note,
    poNumber,
    tags: [...(input.tags ?? [])].sort(),
    test: input.test ?? false,
    financialStatus: input.financialStatus ?? "PENDING",
    fulfillmentStatus: "UNFULFILLED",
    currencyCode: input.currency ?? "EUR",
    totalPrice: lineItems.reduce((sum, one) => sum + one.quantity * Number(one.unitPrice), 0).toFixed(2),
    customerId,
    shippingAddress: input.shippingAddress
      ? toAddress(shop.newId("MailingAddress"), input.shippingAddress)
      : null,
    lineItems,
    claims: [],
    cancelReason: null,
    cancelledAt: null,
    closedAt: null,
    processedAt: at,
    createdAt: at,
    updatedAt: at,
  };
  if (behaviour !== "BYPASS")
    for (const { line, variant } of lines) {
      const level = variant && levelAt(shop, variant.inventoryItemId, firstLocation(shop).id);
      if (!level) continue;
      changeAmount(context, level, "available", -line.quantity);
      order.claims.push({ levelId: level.id, quantity: line.quantity });
    }
  shop.tables.Order.set(order.id, order);
  addFulfillmentOrder(context, order);
  context.tell("orders/create", orderPayload(order));
  if (order.financialStatus === "PAID") context.tell("orders/paid", orderPayload(order));
  return { order, userErrors };
}
