import { type Customer, emailOf, phoneOf } from "./customers.ts";
import type { Fulfillment } from "./fulfillments.ts";
import { numberIn } from "./list.ts";
import type { Order } from "./orders.ts";
import type { Product } from "./product.ts";

// Records as webhooks tell of them: in the words of the REST API, with numbers for ids and small letters for statuses.

const number = (id: string) => Number(numberIn(id));

export const productPayload = (product: Product) => ({
  id: number(product.id),
  admin_graphql_api_id: product.id,
  title: product.title,
  body_html: product.descriptionHtml,
  handle: product.handle,
  status: product.status.toLowerCase(),
  vendor: product.vendor,
  product_type: product.productType,
  tags: product.tags.join(", "),
  published_at: product.status === "ACTIVE" ? product.createdAt : null,
  created_at: product.createdAt,
  updated_at: product.updatedAt,
});

export const customerPayload = (customer: Customer) => ({
  id: number(customer.id),
  admin_graphql_api_id: customer.id,
  first_name: customer.firstName,
  last_name: customer.lastName,
  email: emailOf(customer),
  phone: phoneOf(customer),
  state: customer.state.toLowerCase(),
  created_at: customer.createdAt,
  updated_at: customer.updatedAt,
});

export const orderPayload = (order: Order) => ({
  id: number(order.id),
  admin_graphql_api_id: order.id,
  name: order.name,
  email: order.email ?? "",
  financial_status: order.financialStatus.toLowerCase(),
  fulfillment_status:
    { FULFILLED: "fulfilled", PARTIALLY_FULFILLED: "partial" }[order.fulfillmentStatus] ?? null,
  currency: order.currencyCode,
  total_price: order.totalPrice,
  customer: order.customerId === null ? null : { id: number(order.customerId) },
  tags: order.tags.join(", "),
  test: order.test,
  cancel_reason: order.cancelReason?.toLowerCase() ?? null,
  cancelled_at: order.cancelledAt,
  closed_at: order.closedAt,
  created_at: order.createdAt,
  updated_at: order.updatedAt,
});

export const fulfillmentPayload = (fulfillment: Fulfillment) => ({
  id: number(fulfillment.id),
  admin_graphql_api_id: fulfillment.id,
  order_id: number(fulfillment.orderId),
  name: fulfillment.name,
  status: fulfillment.status.toLowerCase(),
  tracking_company: fulfillment.trackingInfo[0]?.company ?? null,
  tracking_numbers: fulfillment.trackingInfo.flatMap(({ number: one }) => one ?? []),
  tracking_urls: fulfillment.trackingInfo.flatMap(({ url }) => url ?? []),
  created_at: fulfillment.createdAt,
  updated_at: fulfillment.updatedAt,
});
